import type { EntryRef, EntryView, Keyspace, RemovalCause, Request } from '#libs/commands';
import { ABSENT, KEEP_TTL, NO_EXPIRY } from '#libs/commands';
import { encodeEntryBody, EntryView as EngineView, isCollectionRoot, VALUE_TYPE, type ValueType } from '#libs/engine';
import { ALL_DATABASES, EVENT_KINDS, type EventBatch } from '#libs/events';
import { assert, BOUNDS, errorText, slotOfKey } from '#libs/kernel';
import type { Rng } from '#libs/ports';
import type { ReplyWriter } from '#libs/resp';
import type { EntryRemover } from './entry-remover.js';
import { LargeCopier, placeOf } from './large-copier.js';
import type { Room } from './node-memory.js';
import type { PartitionOwnership } from './partition-ownership.js';
import type { PressuredWrite } from './pressured-write.js';
import type { StorageStatistics } from './statistics.js';
import type { StoreShards } from './store-shards.js';

/** SCAN cursors: 14 bits of partition above 39 bits of hash prefix, together below 2^53. */
const CURSOR_PREFIX_SPAN = 2 ** 39;

const RANDOM_TRIES = 16;
/** At most what an entry takes besides key and value. */
const ENTRY_OVERHEAD_BYTES = 64;

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
  /** Whether entries may have been evicted for the one that was stored last, an earlier one of its key among them. */
  private wasTight = false;
  private readonly largeCopier: LargeCopier;

  constructor(
    private readonly batch: EventBatch,
    private readonly reply: ReplyWriter,
    private readonly ownership: PartitionOwnership,
    private readonly rng: Rng,
    private readonly statistics: StorageStatistics,
    private readonly remover: EntryRemover,
    private readonly pressured: PressuredWrite,
  ) {
    this.largeCopier = new LargeCopier(batch, pressured);
  }

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
    const ref = this.peek(keyIndex);
    if (ref !== ABSENT) this.store.engine.touch(this.partitionOf(keyIndex), ref, this.nowMs);
    return ref;
  }

  peek(keyIndex: number): EntryRef {
    const ref = this.lookupInDatabase(keyIndex, this.database);
    if (ref === ABSENT) {
      this.statistics.misses++;
      this.store.statistics.misses++;
    } else {
      this.statistics.hits++;
      this.store.statistics.hits++;
    }
    return ref;
  }

  lookupForWrite(keyIndex: number): EntryRef {
    const ref = this.lookupInDatabase(keyIndex, this.database);
    if (ref !== ABSENT) this.store.engine.touch(this.partitionOf(keyIndex), ref, this.nowMs);
    return ref;
  }

  filterCopy(knownVersion: string, maxBytes: number): Uint8Array | 'same' | undefined {
    return this.store.entries.filterCopy(this.partitions[0], knownVersion, maxBytes);
  }

  lookupInDatabase(keyIndex: number, database: number): EntryRef {
    return this.findLive(this.partitionOf(keyIndex), keyIndex, database);
  }

  goesAtMs(keyIndex: number, ref: EntryRef): number {
    return this.store.goesAtMs(this.partitionOf(keyIndex), ref);
  }

  createdAtMs(keyIndex: number, ref: EntryRef): number {
    return this.store.engine.times.createdAtMs(this.partitionOf(keyIndex), ref);
  }

  modifiedAtMs(keyIndex: number, ref: EntryRef): number {
    return this.store.engine.times.modifiedAtMs(this.partitionOf(keyIndex), ref);
  }

  view(ref: EntryRef): EntryView {
    this.store.engine.read(ref, this.entry);
    return this.entry;
  }

  setString(keyIndex: number, value: Uint8Array, offset: number, length: number, expiresAtMs: number): boolean {
    const partition = this.partitionOf(keyIndex);
    const { database } = this;
    const createdAtMs = this.creationOf(partition, keyIndex, database);
    const expiry =
      expiresAtMs === KEEP_TTL
        ? this.currentExpiry(keyIndex, partition, createdAtMs)
        : this.expiryOfWrite(keyIndex, expiresAtMs, createdAtMs);
    if (!this.setEntry(partition, database, VALUE_TYPE.STRING, keyIndex, value, offset, length, expiry)) return false;
    if (createdAtMs !== this.nowMs && this.wasTight) this.setCreation(partition, keyIndex, database, createdAtMs);
    return true;
  }

  remove(keyIndex: number, ref: EntryRef, cause: RemovalCause): void {
    const { buffer, offsets, lengths } = this.request;
    const partition = this.partitionOf(keyIndex);
    const { store, database } = this;
    this.remover.remove(store, partition, ref, cause, database, buffer, offsets[keyIndex], lengths[keyIndex]);
  }

  setExpiry(keyIndex: number, ref: EntryRef, expiresAtMs: number): boolean {
    const { store, nowMs } = this;
    const partition = this.partitionOf(keyIndex);
    const { times } = store.engine;
    const expiry = store.ttlRules.atMost(expiresAtMs, times.createdAtMs(partition, ref) || nowMs);
    if (this.tryExpiry(partition, keyIndex, ref, expiry)) return true;
    const { keyLength, valueLength } = this.view(ref);
    const bytes = keyLength + valueLength + ENTRY_OVERHEAD_BYTES;
    const room = this.pressured.makeRoomAndApply(store, bytes, nowMs, () => {
      const found = this.findLive(partition, keyIndex, this.database);
      return found === ABSENT || this.tryExpiry(partition, keyIndex, found, expiry);
    });
    return room === 'made' || this.refuse(room, bytes);
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
      store.entries.clear(partition, scope === 'store' ? undefined : database);
    }
  }

  random(): EntryRef {
    const total = this.size();
    if (total === 0) return ABSENT;
    for (let attempt = 0; attempt < RANDOM_TRIES; attempt++) {
      const partition = this.partitionAtRank(this.rng.nextU32() % total);
      const ref = this.store.engine.randomEntry(partition, this.rng.nextU32());
      if (ref !== ABSENT && this.isVisible(partition, ref)) return ref;
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
      if (this.isVisible(partition, ref)) visit(this.entry);
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
    for (let i = 0; i < this.partitionCount; i++) {
      const partition = this.partitions[i];
      this.store.engine.forEach(partition, (ref) => {
        if (this.isVisible(partition, ref)) visit(this.entry);
      });
    }
  }

  copy(sourceIndex: number, ref: EntryRef, targetIndex: number, targetDatabase: number): boolean {
    this.view(ref);
    const { type, buffer, valueOffset: offset, valueLength: length, expiresAtMs } = this.entry;
    const partition = this.partitionOf(targetIndex);
    // An entry that gets another name is as old as before.
    const createdAtMs = this.store.engine.times.createdAtMs(partition, ref);
    const kind = type as ValueType;
    const isDone = isCollectionRoot(buffer, this.entry)
      ? this.copyLarge(partition, sourceIndex, targetIndex, targetDatabase)
      : this.setEntry(partition, targetDatabase, kind, targetIndex, buffer, offset, length, expiresAtMs);
    if (isDone && createdAtMs !== 0) this.setCreation(partition, targetIndex, targetDatabase, createdAtMs);
    return isDone;
  }

  private copyLarge(partition: number, sourceIndex: number, targetIndex: number, targetDatabase: number): boolean {
    const { store, request, database, largeCopier, nowMs } = this;
    if (this.isKeyTooLong(targetIndex)) return false;
    const [source, target] = [placeOf(request, sourceIndex, database), placeOf(request, targetIndex, targetDatabase)];
    const [room, bytes] = largeCopier.copy(store, partition, source, target, nowMs);
    if (room !== 'made') return this.refuse(room, bytes);
    store.statistics.sets++;
    return true;
  }

  /** Answers the error where it is. */
  private isKeyTooLong(keyIndex: number): boolean {
    if (this.request.lengths[keyIndex] <= BOUNDS.maxKeyBytes) return false;
    this.reply.error(`ERR key exceeds ${BOUNDS.maxKeyBytes} bytes`);
    return true;
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
    if (this.isKeyTooLong(keyIndex)) return false;
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
    const { engine, entries, marks, statistics } = store;
    const isTight = engine.usedBytes >= marks.backPressureBytes;
    const { buffer: records } = batch.writer;
    if (!isTight && entries.set(partition, sequence & 0xffff, records, bodyAt, bodyLength, this.nowMs)) {
      batch.end();
      statistics.sets++;
      this.wasTight = false;
      return true;
    }
    batch.cancel();
    store.returnSequence(partition);
    this.wasTight = true;
    const room = this.pressured.set(store, partition, records, bodyAt, bodyLength, this.nowMs);
    if (room !== 'made') return this.refuse(room, bodyLength);
    statistics.sets++;
    return true;
  }

  private tryExpiry(partition: number, keyIndex: number, ref: EntryRef, expiresAtMs: number): boolean {
    const { store, batch, request, database } = this;
    const { buffer, offsets, lengths } = request;
    const sequence = store.nextSequence(partition);
    if (!store.engine.applyExpiry(partition, ref, sequence & 0xffff, expiresAtMs)) {
      store.returnSequence(partition);
      return false;
    }
    const { id } = store.definition;
    batch.entryExpirySet(id, partition, sequence, database, expiresAtMs, buffer, offsets[keyIndex], lengths[keyIndex]);
    return true;
  }

  /** Answers why there is no room for a write of `bytes`; always false. */
  private refuse(room: Room, bytes: number): boolean {
    const { definition, statistics } = this.store;
    statistics.refusals++;
    this.reply.error(
      room === 'too large'
        ? `${errorText('ENTRY_TOO_LARGE')}: ${bytes} bytes, and store '${definition.name}' may use ${this.pressured.mostOf(this.store)} on this node`
        : errorText('OUT_OF_MEMORY'),
    );
    return false;
  }

  /** The entry of a key, or ABSENT; one whose time is over is removed. */
  private findLive(partition: number, keyIndex: number, database: number): EntryRef {
    const { store, request } = this;
    const { buffer, offsets, lengths } = request;
    const ref = store.entries.find(partition, database, buffer, offsets[keyIndex], lengths[keyIndex]);
    if (ref === ABSENT || !this.store.isExpired(partition, ref, this.nowMs)) return ref;
    this.remover.remove(store, partition, ref, 'expired', database, buffer, offsets[keyIndex], lengths[keyIndex]);
    return ABSENT;
  }

  private partitionOf(keyIndex: number): number {
    if (this.partition >= 0) return this.partition;
    const { buffer, offsets, lengths } = this.request;
    const partition = slotOfKey(buffer, offsets[keyIndex], lengths[keyIndex]) >>> this.ownership.partitionShift;
    assert(this.ownership.isServing(partition), 'a key lies in a partition that this node does not serve');
    return partition;
  }

  /** When the live entry of a key was created, or now: from then on the store's longest lifetime counts. */
  private creationOf(partition: number, keyIndex: number, database: number): number {
    const { store, nowMs } = this;
    if (!store.ttlRules.needCreation) return nowMs;
    const ref = this.findLive(partition, keyIndex, database);
    return ref === ABSENT ? nowMs : store.engine.times.createdAtMs(partition, ref) || nowMs;
  }

  private setCreation(partition: number, keyIndex: number, database: number, createdAtMs: number): void {
    const { engine } = this.store;
    const { buffer, offsets, lengths } = this.request;
    const ref = engine.find(partition, database, buffer, offsets[keyIndex], lengths[keyIndex]);
    engine.times.setCreated(partition, ref, createdAtMs);
  }

  private currentExpiry(keyIndex: number, partition: number, createdAtMs: number): number {
    const { buffer, offsets, lengths } = this.request;
    const { engine, entries } = this.store;
    const ref = entries.find(partition, this.database, buffer, offsets[keyIndex], lengths[keyIndex]);
    if (ref === ABSENT || this.store.isExpired(partition, ref, this.nowMs)) {
      return this.expiryOfWrite(keyIndex, NO_EXPIRY, createdAtMs);
    }
    return this.store.ttlRules.atMost(engine.expiresAtMs(ref), createdAtMs);
  }

  private expiryOfWrite(keyIndex: number, expiresAtMs: number, createdAtMs: number): number {
    const { ttlRules } = this.store;
    if (!ttlRules.apply) return expiresAtMs;
    const { buffer, offsets, lengths } = this.request;
    return ttlRules.expiryOfWrite(expiresAtMs, this.nowMs, createdAtMs, buffer, offsets[keyIndex], lengths[keyIndex]);
  }

  /** Of this database and not expired; leaves the entry in the view. */
  private isVisible(partition: number, ref: EntryRef): boolean {
    this.store.engine.read(ref, this.entry);
    return this.entry.database === this.database && !this.store.isExpired(partition, ref, this.nowMs);
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
      const partition = this.partitions[i];
      this.store.engine.forEach(partition, (ref) => {
        if (found === ABSENT && this.isVisible(partition, ref)) found = ref;
      });
    }
    return found;
  }
}
