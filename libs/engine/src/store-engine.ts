/**
 * The memory of one store on one node: all its entries, divided into shards by partition. Everything lies off the
 * JavaScript heap: entries and index pages in arenas of segments under one budget, so that the store's limit
 * bounds the sum of both, and no operation makes an object.
 *
 * The engine decides nothing: whether an entry has expired, what is evicted and which version an event has is the
 * primary's decision. Here is only what events did, the same on every owner.
 *
 * A reference is valid until the next mutation of the store (any shard). A partition number must be below
 * partitionCount. Visitors must not mutate the store unless their method allows it.
 */
import { ByteWriter, DecodeError, assert } from '#libs/kernel';
import { CollectionEntry } from './collections/collection-entry.js';
import type { Collections } from './collections/collections.js';
import { isRoot, type OwnedTrees } from './collections/owned-trees.js';
import type { StoreEngineOptions } from './engine-options.js';
import { EngineParts } from './engine-parts.js';
import type { EntryFinder } from './entry-finder.js';
import type { EntryTimes } from './entry-times.js';
import type { EntryView } from './entry-view.js';
import type { ExpiryCollector } from './expiry-collector.js';
import type { Housekeeping } from './housekeeping.js';
import type { KeyHasher } from './key-hash.js';
import type { MemoryBudget } from './memory-budget.js';
import type { VictimVisitor } from './policies/eviction-policy.js';
import type { PolicyOptions } from './policies/registry.js';
import type { PolicySeat } from './policy-seat.js';
import type { PrefetchBatch } from './prefetch-batch.js';
import type { Prefetcher } from './prefetcher.js';
import type { Pressure, PressureGauge } from './pressure.js';
import { DATABASE_COUNT, EntryHeader, MAX_EXPIRES_AT_MS, parseEntryBody } from './record.js';
import type { RecordLog } from './record-log.js';
import { ALL_DATABASES } from './scan-run.js';
import { ENTRIES, EXPIRING, SHARD_WORDS, type ShardState } from './shard-state.js';
import { SCAN_END, type ShardWalk } from './shard-walk.js';
import { readStats, type StoreStats } from './store-stats.js';
import type { StoredEntries } from './stored-entries.js';

/** Where an entry lies: a positive number, or {@link ABSENT}. */
export type EntryRef = number;
export const ABSENT: EntryRef = 0;

export { ALL_DATABASES, SCAN_END };

export class StoreEngine {
  readonly partitionCount: number;
  /** When entries were used last, created and changed. */
  readonly times: EntryTimes;

  private readonly parts: EngineParts;
  private readonly budget: MemoryBudget;
  private readonly state: ShardState;
  private readonly finder: EntryFinder;
  private readonly entries: StoredEntries;
  private readonly log: RecordLog;
  private readonly housekeeping: Housekeeping;
  private readonly trees: OwnedTrees;
  private readonly collector: ExpiryCollector;
  private readonly seat: PolicySeat;
  private readonly gauge: PressureGauge;
  private readonly hasher: KeyHasher;
  private readonly prefetcher: Prefetcher;
  private readonly incoming = new EntryHeader();
  private readonly walk: ShardWalk;
  private readonly scratch = new ByteWriter();
  private attachedBytes = 0;

  constructor(options: StoreEngineOptions) {
    const parts = new EngineParts(options);
    this.parts = parts;
    this.partitionCount = parts.partitionCount;
    this.times = parts.times;
    this.budget = parts.budget;
    this.state = parts.state;
    this.hasher = parts.hasher;
    this.log = parts.log;
    this.prefetcher = parts.prefetcher;
    this.finder = parts.finder;
    this.entries = parts.entries;
    this.seat = parts.seat;
    this.gauge = parts.gauge;
    this.housekeeping = parts.housekeeping;
    this.trees = parts.trees;
    this.collector = parts.collector;
    this.walk = parts.walk;
  }

  /** The entry of a key, expired or not, or {@link ABSENT}. */
  find(partition: number, database: number, keyBuffer: Uint8Array, keyOffset: number, keyLength: number): EntryRef {
    const hash = this.hasher.hash(database, keyBuffer, keyOffset, keyLength);
    return this.findHashed(partition, hash, database, keyBuffer, keyOffset, keyLength);
  }

  /** A key's hash, 32 bits signed, for {@link findHashed} and for filters; 32 more are then in {@link hashLow}. */
  hashOf(database: number, keyBuffer: Uint8Array, keyOffset: number, keyLength: number): number {
    return this.hasher.hash(database, keyBuffer, keyOffset, keyLength);
  }

  /** The second 32 bits (signed) of the last {@link hashOf}, until the engine is called again. */
  get hashLow(): number {
    return this.hasher.low;
  }

  /** {@link find} for a caller that has the key's hash already. */
  findHashed(
    partition: number,
    hash: number,
    database: number,
    keyBuffer: Uint8Array,
    keyOffset: number,
    keyLength: number,
  ): EntryRef {
    const slot = this.finder.find(partition * SHARD_WORDS, hash, database, keyBuffer, keyOffset, keyLength);
    if (slot >= 0) return this.log.ref;
    this.missed(hash);
    return ABSENT;
  }

  /** Says that a client has looked for a key of this hash, which is not there, without asking {@link find}. */
  missed(hash: number): void {
    this.seat.missed(hash);
  }

  /**
   * Loads what find and applySet of these keys will read, all at once: for a batch of operations that come next. Changes
   * nothing. Partitions must be below partitionCount, and the keys must lie within the buffer.
   */
  prefetch(batch: PrefetchBatch, keyBuffer: Uint8Array): void {
    this.prefetcher.prefetch(batch, keyBuffer);
  }

  /** Fills a reusable view with where the entry's parts lie. */
  read(ref: EntryRef, view: EntryView): void {
    this.finder.read(ref, view);
  }

  /** 0 = the entry does not expire. */
  expiresAtMs(ref: EntryRef): number {
    return this.finder.expiresAtMs(ref);
  }

  /**
   * Inserts or replaces the entry of the body's (database, key). False where the limit does not allow it; no entry has
   * changed then. Throws DecodeError for a body that is not exactly one EntrySet; nothing has changed then, too.
   * The body must not lie in this engine's own memory. `nowMs` is when a client did so, for policies that go by it.
   */
  applySet(
    partition: number,
    version: number,
    body: Uint8Array,
    bodyOffset: number,
    bodyLength: number,
    nowMs = 0,
  ): boolean {
    const header = this.incoming;
    parseEntryBody(body, bodyOffset, bodyLength, header);
    if (header.bodyLength !== bodyLength) throw new DecodeError('bytes behind the entry');
    if (isRoot(body, header)) throw new DecodeError('the root of a collection of another process');
    return this.store(partition, version, body, bodyOffset, nowMs, false);
  }

  /**
   * As {@link applySet}, for a body whose value {@link collections} has built outside any entry: its trees are the entry's
   * from then on. Where this is refused they stay the caller's, who releases them.
   */
  applyBuilt(partition: number, version: number, body: Uint8Array, bodyLength: number, nowMs: number): boolean {
    parseEntryBody(body, 0, bodyLength, this.incoming);
    return this.store(partition, version, body, 0, nowMs, false);
  }

  /** Hashes, lists, sets and sorted sets of this store. */
  get collections(): Collections {
    return this.trees.collections;
  }

  /** A new entry for {@link collections} to work on, of the caller's own; it serves any number of keys, one after another. */
  collectionEntry(): CollectionEntry {
    return new CollectionEntry({
      find: (...key) => this.find(...key),
      read: (ref, view) => this.read(ref, view),
      set: (partition, version, body, bodyLength, nowMs) => {
        parseEntryBody(body, 0, bodyLength, this.incoming);
        return this.store(partition, version, body, 0, nowMs, true);
      },
      remove: (partition, ref) => this.entries.remove(partition * SHARD_WORDS, ref, true),
    });
  }

  /** Says that an entry was read or changed by a client: what eviction policies go by. {@link applySet} counts by itself. */
  touch(partition: number, ref: EntryRef, nowMs: number): void {
    const { seat, log } = this;
    seat.hear(nowMs);
    if (!this.times.isKnown(partition, ref)) return;
    log.open(ref);
    seat.hit(partition * SHARD_WORDS, -1, log.bytes, log.at);
  }

  /**
   * Offers up to `maxEntries` entries that should go, in the policy's order, and answers how many. The visitor removes the
   * entry that it is given by {@link applyRemove}; what it keeps may be offered again later. The work is bounded, so a call may
   * offer fewer than there are; none at all means that nothing may be evicted now. At the highest pressure, some of what
   * the evictions have left behind is cleaned, so that used bytes follow.
   */
  evict(maxEntries: number, nowMs: number, visit: VictimVisitor): number {
    const { seat } = this;
    seat.hear(nowMs);
    this.housekeeping.beforeEvictions();
    const victims = seat.evict(maxEntries, visit);
    this.housekeeping.afterEvictions(victims);
    return victims;
  }

  /** Whether this node decides about the partition's entries; by default it does. {@link evict} offers no others. */
  setEvictable(partition: number, isEvictable: boolean): void {
    this.seat.setEvictable(partition, isEvictable);
  }

  /**
   * Evicts by another policy from now on, and keeps entries' times or does so no more. What is stored stays; nothing is
   * rewritten at once. An entry that had no times has those of the moment when its page has been.
   */
  setPolicy(options: PolicyOptions, keepsTimes = this.seat.keepsTimes): void {
    this.seat.change(options, keepsTimes);
  }

  get policy(): PolicyOptions {
    return this.seat.options;
  }

  /** How near the limit the store is, from 0 to 3; see {@link Pressure}. */
  get pressure(): Pressure {
    return this.gauge.pressure;
  }

  /** Removes an entry of this partition. */
  applyRemove(partition: number, ref: EntryRef): void {
    this.entries.remove(partition * SHARD_WORDS, ref, false);
  }

  /** Sets or (0) removes an entry's expiry. False where the limit does not allow it; no entry has changed then. */
  applyExpiry(partition: number, ref: EntryRef, version: number, expiresAtMs: number): boolean {
    assert(expiresAtMs >= 0 && expiresAtMs <= MAX_EXPIRES_AT_MS, 'expiry out of range');
    const { scratch } = this;
    const { expiry } = this.parts;
    if (expiry.change(partition * SHARD_WORDS, ref, version, expiresAtMs)) return true;
    scratch.reset();
    expiry.encode(ref, expiresAtMs, scratch);
    parseEntryBody(scratch.buffer, 0, scratch.length, this.incoming);
    return this.store(partition, version, scratch.buffer, 0, 0, true);
  }

  /** Removes all entries of one database, or of all ({@link ALL_DATABASES}), from one shard. */
  applyClear(partition: number, database: number): void {
    if (this.count(partition, database) === 0) return;
    if (database === ALL_DATABASES) this.entries.clear(partition * SHARD_WORDS);
    else this.entries.clearDatabase(partition * SHARD_WORDS, database);
  }

  /**
   * Visits entries of one database, or of all ({@link ALL_DATABASES}), whose 39-bit hash prefix is not below
   * `fromPrefix`, in ascending order: at least `maxEntries` unless the shard ends, and always all that share a prefix.
   * Answers where to go on, or {@link SCAN_END}. An entry that exists throughout is visited at least once whatever changes between the calls.
   */
  scan(
    partition: number,
    database: number,
    fromPrefix: number,
    maxEntries: number,
    visit: (ref: EntryRef) => void,
  ): number {
    if (this.count(partition, database) === 0) return SCAN_END;
    return this.walk.scan(partition * SHARD_WORDS, database, fromPrefix, maxEntries, visit);
  }

  /** Visits all entries of a shard. */
  forEach(partition: number, visit: (ref: EntryRef) => void): void {
    this.walk.forEach(partition * SHARD_WORDS, visit);
  }

  /**
   * Visits up to `maxEntries` entries whose expiry is not after `nowMs` and answers how many. The visitor may remove
   * the entry that it is given; what it keeps is visited again when the clock has moved on. The work is bounded: a call
   * may visit fewer than there are, and later calls the rest.
   */
  collectExpired(nowMs: number, maxEntries: number, visit: (partition: number, ref: EntryRef) => void): number {
    this.seat.hear(nowMs);
    const expired = this.collector.collect(Math.floor(nowMs), maxEntries, visit);
    return expired + this.seat.collectIdle(maxEntries - expired, visit);
  }

  /**
   * Cleans up to `maxPages` log pages that give back a quarter of a page each, or frees nodes of released collections
   * instead, and answers how much was done, in pages: for idle moments, since otherwise only changes that store
   * something clean.
   */
  reclaim(maxPages: number): number {
    return this.housekeeping.reclaim(maxPages);
  }

  /** Whether {@link reclaim} has nodes of collections to free: memory that comes back without anything being evicted. */
  get hasReleased(): boolean {
    return this.trees.hasReleased;
  }

  /** An entry of the shard chosen by a random number below 2^32, nearly uniformly; {@link ABSENT} for an empty shard. */
  randomEntry(partition: number, randomU32: number): EntryRef {
    return this.count(partition) === 0 ? ABSENT : this.walk.random(partition * SHARD_WORDS, randomU32);
  }

  /** Entries of a shard, expired ones included; of one database where given. */
  count(partition: number, database: number = ALL_DATABASES): number {
    if (database === ALL_DATABASES) return this.state.words[partition * SHARD_WORDS + ENTRIES];
    return this.entries.databaseCounts[partition * DATABASE_COUNT + database];
  }

  /** Entries of a shard that have an expiry. */
  expiringCount(partition: number): number {
    return this.state.words[partition * SHARD_WORDS + EXPIRING];
  }

  /** Takes effect for what is stored from now on; nothing is removed. */
  setLimit(limitBytes: number): void {
    assert(limitBytes >= 0, 'limit must not be negative');
    this.budget.limitBytes = limitBytes;
  }

  /**
   * Counts memory that the store uses outside the engine, such as its filter's (negative: given back). False where the
   * limit does not allow it; nothing is counted then.
   */
  charge(bytes: number): boolean {
    if (!this.budget.charge(bytes)) return false;
    this.attachedBytes += bytes;
    return true;
  }

  get usedBytes(): number {
    return this.budget.usedBytes;
  }

  get limitBytes(): number {
    return this.budget.limitBytes;
  }

  /** Part of the used bytes that no record needs: what cleaning can give back, and pages that are being filled. */
  get reclaimableBytes(): number {
    return this.log.idleBytes;
  }

  stats(): StoreStats {
    return readStats(this.parts, this.attachedBytes);
  }

  /** Stores the body that `incoming` describes. `keepsTrees`: what is written over leaves its collection's trees to the new one. */
  private store(
    partition: number,
    version: number,
    body: Uint8Array,
    bodyOffset: number,
    nowMs: number,
    keepsTrees: boolean,
  ): boolean {
    const { entries, incoming: header, housekeeping } = this;
    this.seat.hear(nowMs);
    const shard = partition * SHARD_WORDS;
    const hash = this.hasher.hash(header.database, body, header.keyOffset, header.keyLength);
    for (let refusals = 0; !entries.set(shard, hash, version, body, bodyOffset, header, keepsTrees); refusals++) {
      if (!housekeeping.makeRoom(refusals)) return false;
    }
    housekeeping.afterChange();
    return true;
  }
}
