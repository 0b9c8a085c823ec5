/**
 * What an eviction policy is to the engine: it hears of every record that comes, is used, moves and goes, and says which
 * ones are to go next. It never removes anything itself: the visitor of {@link EvictionPolicy.evict} does, because a removal
 * is an event that the primary decides.
 *
 * A record is named by its shard (see ShardState) and its address in the shard's log. `bytes` and `at` say where its first
 * byte lies, whose two highest bits are the policy's (for a long entry, those of its stub), and so are the bytes in front.
 */

/** Which entries may be evicted: all, or those that have an expiry. */
export type EvictionScope = 'all' | 'volatile';

export interface PolicySettings {
  /** By default 'all'. */
  readonly scope?: EvictionScope;
  /** session: how long an entry lives that is not used, in milliseconds; 0 or none: for ever. */
  readonly idleTtlMs?: number;
  /** s3-fifo, w-tinylfu: what an entry counts for, instead of its stored bytes; must not change while it is stored. */
  readonly costOf?: (ref: number) => number;
  /** s3-fifo, w-tinylfu: what all entries together count for in a full store; by default what is stored now counts. */
  readonly capacity?: number;
}

/** Receives what should go; may remove just that entry. */
export type VictimVisitor = (partition: number, ref: number) => void;

export interface EvictionPolicy {
  /** How a record's page must be laid out where no times are kept: an index of FRONT_BYTES in page-table.ts. */
  readonly layout: number;
  /** Whether it keeps an account of every record, so that those of an earlier policy must be made known to it. */
  readonly mustLearn: boolean;
  /** Whether it keeps records in both queues of a shard. */
  readonly usesBothQueues: boolean;
  /** Bytes that it holds of the store's budget. */
  readonly memoryBytes: number;
  /** Pages that it can name in each shard. */
  readonly maxPages: number;
  /** The queue that a new entry belongs to. */
  queueFor(hash: number, bodyLength: number): number;
  /** A client has looked for an entry that is not there. */
  missed(hash: number): void;
  /** A new record has been written; `nowMs` is the latest time that the engine has heard of. */
  inserted(shard: number, address: number, bytes: Uint8Array, at: number, nowMs: number): void;
  /**
   * A record that was there before the policy, or (`wasKnown`) one of a loose page, whose partition this node has come to
   * decide about.
   */
  learn(shard: number, address: number, bytes: Uint8Array, at: number, nowMs: number, wasKnown: boolean): void;
  /** A record was read, or overwritten where it is; `address` is -1 for a read. */
  hit(shard: number, address: number, bytes: Uint8Array, at: number, nowMs: number): void;
  /** A record's length is about to change where it lies (-1), or has changed (1). */
  resizing(shard: number, address: number, bytes: Uint8Array, at: number, sign: 1 | -1): void;
  /** A record is about to become a hole; it still lies there. `isKnown` is false where the policy has not learnt it yet. */
  removing(shard: number, address: number, bytes: Uint8Array, at: number, isKnown: boolean): void;
  /** All records of a shard are gone, each after its own {@link removing}, while others still lay there that had gone before. */
  cleared(shard: number): void;
  /**
   * Cleaning has moved a page's live records, fronts and all, in their order: those of `page` now lie in `target` (the same
   * page where it was only compacted) from `from` on; a record that had offset o has `offsets[o]`.
   */
  pageMoved(shard: number, page: number, target: number, from: number, offsets: Uint16Array, isKnown: boolean): void;
  /** Whether a partition's victims are wanted has changed. */
  evictableChanged(partition: number): void;
  /** Offers up to `maxEntries` victims, in bounded work, and answers how many. */
  evict(maxEntries: number, nowMs: number, visit: VictimVisitor): number;
  /** Offers up to `maxEntries` entries that have not been used for too long. */
  collectIdle(maxEntries: number, nowMs: number, visit: VictimVisitor): number;
  /** When an entry was used last, or 0 where that is not known. */
  idleSinceMs(bytes: Uint8Array, at: number): number;
  /** Gives its memory back; it hears nothing afterwards. */
  dispose(): void;
}
