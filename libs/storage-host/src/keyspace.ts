import type { EntryRef, EntryView, Keyspace, RemovalCause, Request } from '#libs/commands';
import { ABSENT, KEEP_TTL, NO_EXPIRY } from '#libs/commands';
import { encodeEntryBody, EntryView as EngineView, VALUE_TYPE, type ValueType } from '#libs/engine';
import { ALL_DATABASES, EVENT_KINDS, type EventBatch } from '#libs/events';
import { assert, BOUNDS, errorText, slotOfKey } from '#libs/kernel';
import type { Rng } from '#libs/ports';
import type { ReplyWriter } from '#libs/resp';
import type { PartitionOwnership } from './partition-ownership.js';
import type { StorageStatistics } from './statistics.js';
import type { StoreShards } from './store-shards.js';

/** SCAN cursors: 14 bits of partition above 39 bits of hash prefix, together below 2^53. */
const CURSOR_PREFIX_SPAN = 2 ** 39;

const RANDOM_TRIES = 16;

/**
 * The keys that one operation may touch. Every change goes decide → event record → apply: the record is encoded once
 * into the turn's batch, and the engine copies the entry out of it. One instance serves all operations, see {@link aim}.
 */
export class StorageKeyspace implements Keyspace {
  private store!: StoreShards;
  private request!: Request;
  private database = 0;
  private nowMs = 0;
  /** The operation's only partition, or -1 where {@link partitions} holds several. */
  private partition = 0;
  private partitions: Uint16Array = new Uint16Array(16);
  private partitionCount = 0;
  private readonly entry = new EngineView();

  constructor(
    private readonly batch: EventBatch,
    private readonly reply: ReplyWriter,
    private readonly ownership: PartitionOwnership,
    private readonly rng: Rng,
    private readonly statistics: StorageStatistics,
  ) {}

  /** Points at an operation with one partition; more follow by {@link addPartition}. */
  aim(store: StoreShards, request: Request, database: number, partition: number, nowMs: number): void {
    this.store = store;
    this.request = request;
    this.database = database;
    this.nowMs = nowMs;
    this.partition = partition;
    this.partitions[0] = partition;
    this.partitionCount = 1;
  }

  addPartition(partition: number): void {
    if (this.partitionCount === this.partitions.length) {
      const grown = new Uint16Array(this.partitions.length * 2);
      grown.set(this.partitions);
      this.partitions = grown;
    }
    this.partitions[this.partitionCount++] = partition;
    this.partition = -1;
  }

  lookup(keyIndex: number): EntryRef {
    const ref = this.lookupForWrite(keyIndex);
    if (ref === ABSENT) this.statistics.misses++;
    else this.statistics.hits++;
    return ref;
  }

  lookupForWrite(keyIndex: number): EntryRef {
    return this.lookupInDatabase(keyIndex, this.database);
  }

  lookupInDatabase(keyIndex: number, database: number): EntryRef {
    const { engine } = this.store;
    const { buffer, offsets, lengths } = this.request;
    const partition = this.partitionOf(keyIndex);
    const ref = engine.find(partition, database, buffer, offsets[keyIndex], lengths[keyIndex]);
    if (ref === ABSENT || !this.isExpired(ref)) return ref;
    this.removeEntry(partition, ref, 'expired', database, buffer, offsets[keyIndex], lengths[keyIndex]);
    return ABSENT;
  }

  view(ref: EntryRef): EntryView {
    this.store.engine.read(ref, this.entry);
    return this.entry;
  }

  setString(keyIndex: number, value: Uint8Array, offset: number, length: number, expiresAtMs: number): boolean {
    const partition = this.partitionOf(keyIndex);
    const expiry =
      expiresAtMs === KEEP_TTL ? this.currentExpiry(keyIndex, partition) : this.withDefaultTtl(expiresAtMs);
    return this.setEntry(partition, this.database, VALUE_TYPE.STRING, keyIndex, value, offset, length, expiry);
  }

  remove(keyIndex: number, ref: EntryRef, cause: RemovalCause): void {
    const { buffer, offsets, lengths } = this.request;
    const partition = this.partitionOf(keyIndex);
    this.removeEntry(partition, ref, cause, this.database, buffer, offsets[keyIndex], lengths[keyIndex]);
  }

  setExpiry(keyIndex: number, ref: EntryRef, expiresAtMs: number): boolean {
    const { store, batch, request } = this;
    const partition = this.partitionOf(keyIndex);
    const sequence = store.nextSequence(partition);
    if (!store.engine.applyExpiry(partition, ref, sequence & 0xffff, expiresAtMs)) {
      store.returnSequence(partition);
      this.reply.error(errorText('OUT_OF_MEMORY'));
      return false;
    }
    batch.entryExpirySet(
      store.definition.id,
      partition,
      sequence,
      this.database,
      expiresAtMs,
      request.buffer,
      request.offsets[keyIndex],
      request.lengths[keyIndex],
    );
    return true;
  }

  size(): number {
    let total = 0;
    for (let i = 0; i < this.partitionCount; i++) total += this.store.engine.count(this.partitions[i], this.database);
    return total;
  }

  clear(scope: 'database' | 'store'): void {
    const database = scope === 'store' ? ALL_DATABASES : this.database;
    for (let i = 0; i < this.partitionCount; i++) {
      const partition = this.partitions[i];
      const { store } = this;
      if (store.engine.count(partition) === 0) continue;
      this.batch.shardCleared(store.definition.id, partition, store.nextSequence(partition), database);
      store.engine.applyClear(partition, scope === 'store' ? -1 : database);
    }
  }

  random(): EntryRef {
    const total = this.size();
    if (total === 0) return ABSENT;
    for (let attempt = 0; attempt < RANDOM_TRIES; attempt++) {
      const partition = this.partitionAtRank(this.rng.nextU32() % total);
      const ref = this.store.engine.randomEntry(partition, this.rng.nextU32());
      if (ref !== ABSENT && this.isVisible(ref)) return ref;
    }
    return this.firstVisible();
  }

  scan(cursor: number, count: number, visit: (view: EntryView) => void): number {
    const { engine } = this.store;
    let partition = Math.floor(cursor / CURSOR_PREFIX_SPAN);
    let prefix = cursor % CURSOR_PREFIX_SPAN;
    let seen = 0;
    const visitLive = (ref: EntryRef): void => {
      seen++;
      if (this.isVisible(ref)) visit(this.entry);
    };
    while (partition < this.ownership.partitionCount) {
      const next = engine.scan(partition, this.database, prefix, count - seen, visitLive);
      if (next >= 0) return partition * CURSOR_PREFIX_SPAN + next;
      partition++;
      prefix = 0;
      if (seen >= count || !this.ownership.isServing(partition)) break;
    }
    return partition >= this.ownership.partitionCount ? 0 : partition * CURSOR_PREFIX_SPAN;
  }

  forEach(visit: (view: EntryView) => void): void {
    const visitLive = (ref: EntryRef): void => {
      if (this.isVisible(ref)) visit(this.entry);
    };
    for (let i = 0; i < this.partitionCount; i++) this.store.engine.forEach(this.partitions[i], visitLive);
  }

  copy(_sourceIndex: number, ref: EntryRef, targetIndex: number, targetDatabase: number): boolean {
    const view = this.view(ref);
    const { type, buffer, valueOffset, valueLength, expiresAtMs } = view;
    const partition = this.partitionOf(targetIndex);
    return this.setEntry(
      partition,
      targetDatabase,
      type as ValueType,
      targetIndex,
      buffer,
      valueOffset,
      valueLength,
      expiresAtMs,
    );
  }

  /** Removes an expired entry that active expiry found; the engine is at `ref` of that partition. */
  expire(store: StoreShards, partition: number, ref: EntryRef): void {
    this.store = store;
    store.engine.read(ref, this.entry);
    const { database, buffer, keyOffset, keyLength } = this.entry;
    this.removeEntry(partition, ref, 'expired', database, buffer, keyOffset, keyLength);
  }

  private setEntry(
    partition: number,
    database: number,
    type: ValueType,
    keyIndex: number,
    value: Uint8Array,
    offset: number,
    length: number,
    expiresAtMs: number,
  ): boolean {
    const { store, batch, request } = this;
    if (request.lengths[keyIndex] > BOUNDS.maxKeyBytes) {
      this.reply.error(`ERR key exceeds ${BOUNDS.maxKeyBytes} bytes`);
      return false;
    }
    const sequence = store.nextSequence(partition);
    const bodyAt = batch.begin(EVENT_KINDS.entrySet, 0, store.definition.id, partition, sequence);
    const bodyLength = encodeEntryBody(
      batch.writer,
      database,
      type,
      expiresAtMs,
      request.buffer,
      request.offsets[keyIndex],
      request.lengths[keyIndex],
      value,
      offset,
      length,
    );
    if (store.engine.applySet(partition, sequence & 0xffff, batch.writer.buffer, bodyAt, bodyLength)) {
      batch.end();
      return true;
    }
    batch.cancel();
    store.returnSequence(partition);
    this.reply.error(errorText('OUT_OF_MEMORY'));
    return false;
  }

  private removeEntry(
    partition: number,
    ref: EntryRef,
    cause: RemovalCause,
    database: number,
    key: Uint8Array,
    keyOffset: number,
    keyLength: number,
  ): void {
    const { store } = this;
    const sequence = store.nextSequence(partition);
    this.batch.entryRemoved(store.definition.id, partition, sequence, cause, database, key, keyOffset, keyLength);
    store.engine.applyRemove(partition, ref);
    if (cause === 'expired') this.statistics.expired++;
    else if (cause === 'evicted') this.statistics.evicted++;
  }

  private partitionOf(keyIndex: number): number {
    if (this.partition >= 0) return this.partition;
    const { buffer, offsets, lengths } = this.request;
    const partition = slotOfKey(buffer, offsets[keyIndex], lengths[keyIndex]) >>> this.ownership.partitionShift;
    assert(this.ownership.isServing(partition), 'a key lies in a partition that this node does not serve');
    return partition;
  }

  private currentExpiry(keyIndex: number, partition: number): number {
    const { buffer, offsets, lengths } = this.request;
    const { engine } = this.store;
    const ref = engine.find(partition, this.database, buffer, offsets[keyIndex], lengths[keyIndex]);
    return ref === ABSENT || this.isExpired(ref) ? this.withDefaultTtl(NO_EXPIRY) : engine.expiresAtMs(ref);
  }

  private withDefaultTtl(expiresAtMs: number): number {
    const { defaultTtlMs } = this.store.definition;
    return expiresAtMs === NO_EXPIRY && defaultTtlMs > 0 ? this.nowMs + defaultTtlMs : expiresAtMs;
  }

  private isExpired(ref: EntryRef): boolean {
    const expiresAtMs = this.store.engine.expiresAtMs(ref);
    return expiresAtMs !== NO_EXPIRY && expiresAtMs <= this.nowMs;
  }

  /** Of this database and not expired; leaves the entry in the view. */
  private isVisible(ref: EntryRef): boolean {
    this.store.engine.read(ref, this.entry);
    const { database, expiresAtMs } = this.entry;
    return database === this.database && (expiresAtMs === NO_EXPIRY || expiresAtMs > this.nowMs);
  }

  private partitionAtRank(rank: number): number {
    let rest = rank;
    for (let i = 0; i < this.partitionCount; i++) {
      rest -= this.store.engine.count(this.partitions[i], this.database);
      if (rest < 0) return this.partitions[i];
    }
    return this.partitions[0];
  }

  private firstVisible(): EntryRef {
    let found: EntryRef = ABSENT;
    for (let i = 0; i < this.partitionCount && found === ABSENT; i++) {
      this.store.engine.forEach(this.partitions[i], (ref) => {
        if (found === ABSENT && this.isVisible(ref)) found = ref;
      });
    }
    return found;
  }
}
