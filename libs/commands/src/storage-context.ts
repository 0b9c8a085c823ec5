import type { ReplyWriter } from '#libs/resp';
import type { Request } from './request.js';
import type { StoreReport } from './store/store-report.js';

/** What an entry holds. */
export const VALUE_TYPES = ['string', 'hash', 'list', 'set', 'zset', 'stream'] as const;

/** Index of strings in {@link VALUE_TYPES}. */
export const STRING_TYPE = 0;

/** A handle of a found entry, valid until the next change of the keyspace; {@link ABSENT} where there is none. */
export type EntryRef = number;
export const ABSENT: EntryRef = 0;

/** A found entry as ranges of the arena: valid until the next change of the keyspace. */
export interface EntryView {
  readonly buffer: Uint8Array;
  readonly keyOffset: number;
  readonly keyLength: number;
  readonly valueOffset: number;
  readonly valueLength: number;
  /** Index into {@link VALUE_TYPES}. */
  readonly type: number;
  /** Milliseconds since the epoch, 0 for none. */
  readonly expiresAtMs: number;
  /** The low 16 bits of the shard's sequence at the entry's last change. */
  readonly version: number;
}

/** Why an entry goes, as its event says. */
export type RemovalCause = 'deleted' | 'expired' | 'evicted';

export const KEEP_TTL = -1;
export const NO_EXPIRY = 0;
/**
 * The latest expiry that commands hand to a keyspace (the year 10889); later ones are cut to it, so that a time
 * always fits 48 bits. Redis itself accepts any 64-bit time.
 */
export const MAX_EXPIRES_AT_MS = 2 ** 48 - 1;

/**
 * The keys that one operation may touch, seen by a command. Every change is decided here, recorded as an event and
 * then applied; commands never touch the engine. Keys are named by their argument's index.
 */
export interface Keyspace {
  /**
   * Finds a live entry (an expired one is removed first, and absent). Counts a hit or a miss for reads, and the entry as
   * used, which keeps it from eviction.
   */
  lookup(keyIndex: number): EntryRef;
  /** As lookup, for what tells about an entry without using it: TTL, EXISTS, TYPE. */
  peek(keyIndex: number): EntryRef;
  /** As lookup, for writes: counts no hit or miss, since Redis counts those of reads alone. */
  lookupForWrite(keyIndex: number): EntryRef;
  /**
   * When a found entry goes, NO_EXPIRY for never: its own expiry, or the end of its idle time where the store has one and
   * it is nearer.
   */
  goesAtMs(keyIndex: number, ref: EntryRef): number;
  /** When a found entry was created, in milliseconds since the epoch; 0 where the store does not keep that. */
  createdAtMs(keyIndex: number, ref: EntryRef): number;
  /** When its value or expiry changed last, of whole seconds; 0 where the store does not keep that. */
  modifiedAtMs(keyIndex: number, ref: EntryRef): number;
  /** The reusable view of an entry; the next call overwrites it. */
  view(ref: EntryRef): EntryView;
  /**
   * Sets a string value. `value` may be a range of the request, of the arena (it is copied before anything changes)
   * or of a scratch buffer. `expiresAtMs`: a time, NO_EXPIRY, or KEEP_TTL. False: the store has no room, an OOM error
   * was answered, nothing changed.
   */
  setString(keyIndex: number, value: Uint8Array, offset: number, length: number, expiresAtMs: number): boolean;
  remove(keyIndex: number, ref: EntryRef, cause: RemovalCause): void;
  /** NO_EXPIRY takes the expiry away. False as for setString. */
  setExpiry(keyIndex: number, ref: EntryRef, expiresAtMs: number): boolean;
  /** Entries of this connection's database in the partitions of this operation. */
  size(): number;
  /** Empties this connection's database, or every one, in the partitions of this operation. */
  clear(scope: 'database' | 'store'): void;
  /** Any live entry of this connection's database in the partitions of this operation, or ABSENT. */
  random(): EntryRef;
  /**
   * Visits live entries of this connection's database from `cursor` on (0 starts, and answered 0 ends) in a layout
   * independent order, about `count` of them; answers the next cursor, as a decimal below 2^53. `visit` must not change the
   * keyspace.
   */
  scan(cursor: number, count: number, visit: (view: EntryView) => void): number;
  /** Visits every live entry of this connection's database in the partitions of this operation. */
  forEach(visit: (view: EntryView) => void): void;
  /** Copies an entry to another key (and database) with its expiry; replaces what is there. False as for setString. */
  copy(sourceIndex: number, ref: EntryRef, targetIndex: number, targetDatabase: number): boolean;
  /**
   * A copy of the table of the store's filter for the operation's first partition, `same` where it has the version
   * given, undefined where there is none or it has more than `maxBytes`.
   */
  filterCopy(knownVersion: string, maxBytes: number): Uint8Array | 'same' | undefined;
  /** Finds a live entry in another database of the store, counting nothing. */
  lookupInDatabase(keyIndex: number, database: number): EntryRef;
}

/** What a storage command sees. One object serves every operation; nothing of it may be kept. */
export interface StorageContext {
  readonly request: Request;
  /** Takes exactly one reply per operation. */
  readonly reply: ReplyWriter;
  readonly keyspace: Keyspace;
  /** Shard time in milliseconds since the epoch: one reading per batch. */
  readonly nowMs: number;
  /** The connection's database, 0..15. */
  readonly database: number;
  readonly limits: { readonly maxValueBytes: number };
  /** Of this storage node. */
  readonly nodeId: string;
  /** What this node knows of each store, made when asked for. */
  readonly storeReports: () => readonly StoreReport[];
  /** Counts from zero again what this node counts of commands, keys, stores and filters. */
  readonly resetStatistics: () => void;
  /**
   * A scratch buffer of at least `bytes` bytes for building a value, valid until the next call.
   * The caller checks `limits` before asking for more than the inputs' sizes.
   */
  scratch(bytes: number): Uint8Array;
}
