import { type CollectionEntry, EntryView, isCollectionRoot, type UnitPosition } from '#libs/engine';
import { EVENT_KINDS, type EventBatch, FIRST_UNIT } from '#libs/events';
import type { StoreShards } from './store-shards.js';

const DATABASES = 16;
/** Entries looked at per call of the engine's scan: so many may come beyond the bytes of a chunk. */
const SCAN_ENTRIES = 32;

/** A large collection that is copied unit by unit; its key lies in `key` from 0 on. */
interface LargeCopy {
  readonly key: Uint8Array;
  /** Of the collection as its first unit was copied. */
  version: number;
  /** 0 where the store does not know. */
  readonly createdAtMs: number;
  readonly modifiedAtMs: number;
  position: UnitPosition;
}

/** Where the copy of a partition stands: store, database, hash prefix (-1 at the end), large collections before that. */
export class CopyPosition {
  storeIndex = 0;
  database = 0;
  prefix = 0;
  /** At most as many as one call of the scan visits. */
  readonly large: LargeCopy[] = [];

  constructor(readonly partition: number) {}
}

/**
 * Collects a partition's entries as event records, chunk by chunk. The partition may change meanwhile: each chunk tells how
 * things are when it is collected, so that it and the changes since, in their order, make the whole. Large collections go in units, since their values mean
 * something in this process alone; a chunk never ends within an element of one.
 */
export class ShardCopier {
  private readonly entry = new EntryView();
  /** By store, since each has an engine of its own. */
  private readonly collections = new WeakMap<StoreShards, CollectionEntry>();

  constructor(
    private readonly records: EventBatch,
    private readonly chunkBytes: number,
  ) {}

  /** Fills `records` with what comes next; false when everything has been collected. */
  collect(position: CopyPosition, stores: readonly StoreShards[]): boolean {
    this.records.reset();
    for (; position.storeIndex < stores.length; position.storeIndex++, position.database = 0) {
      const store = stores[position.storeIndex];
      for (; position.database < DATABASES; position.database++, position.prefix = 0) {
        if (this.collectDatabase(position, store)) return true;
      }
    }
    return this.records.count > 0;
  }

  /** True when the chunk is full; the place to go on from is kept in the position. */
  private collectDatabase(position: CopyPosition, store: StoreShards): boolean {
    const { engine } = store;
    const { partition, database, large } = position;
    if (engine.count(partition, database) === 0) return false;
    const visit = (ref: number): void => {
      engine.read(ref, this.entry);
      const createdAtMs = engine.times.createdAtMs(partition, ref);
      const modifiedAtMs = engine.times.modifiedAtMs(partition, ref);
      if (isCollectionRoot(this.entry.buffer, this.entry)) large.push(this.largeCopy(createdAtMs, modifiedAtMs));
      else this.copyEntry(store, partition, createdAtMs, modifiedAtMs);
    };
    for (;;) {
      if (!this.copyLarge(position, store)) return true;
      if (position.prefix < 0) return false;
      position.prefix = engine.scan(partition, database, position.prefix, SCAN_ENTRIES, visit);
      if (this.isFull && (position.prefix >= 0 || large.length > 0)) return true;
    }
  }

  private copyEntry(store: StoreShards, partition: number, createdAtMs: number, modifiedAtMs: number): void {
    const { version, buffer, bodyOffset, bodyLength } = this.entry;
    this.records.begin(EVENT_KINDS.entrySet, 0, store.definition.id, partition, version);
    this.records.writer.bytes(buffer, bodyOffset, bodyLength);
    this.records.end();
    this.copyTimes(store, partition, this.entry, createdAtMs, modifiedAtMs);
  }

  private largeCopy(createdAtMs: number, modifiedAtMs: number): LargeCopy {
    const { buffer, keyOffset, keyLength, version } = this.entry;
    const key = buffer.slice(keyOffset, keyOffset + keyLength);
    return { key, version, createdAtMs, modifiedAtMs, position: { index: 0, offset: 0 } };
  }

  /** False when the chunk is full before all are through. */
  private copyLarge({ partition, database, large }: CopyPosition, store: StoreShards): boolean {
    for (; large.length > 0; large.shift()) {
      const [copy] = large;
      const entry = this.entryOf(store);
      entry.aim(partition, database, copy.key, 0, copy.key.length);
      // What took its place meanwhile is a change, which those who copy a shard in use hear of by itself.
      if (!entry.isPresent || !isCollectionRoot(entry.buffer, entry)) continue;
      if (entry.version !== copy.version) {
        copy.version = entry.version;
        copy.position = { index: 0, offset: 0 };
      }
      if (!this.copyUnits(store, partition, entry, copy.position)) return false;
      this.copyTimes(store, partition, entry, copy.createdAtMs, copy.modifiedAtMs);
    }
    return true;
  }

  private copyUnits(store: StoreShards, partition: number, entry: CollectionEntry, position: UnitPosition): boolean {
    const { records } = this;
    for (;;) {
      if (this.isFull && position.offset === 0) return false;
      const detail = position.index === 0 && position.offset === 0 ? FIRST_UNIT : 0;
      const unit = store.engine.collections.nextUnit(entry, entry.type, position);
      if (unit === undefined) return true;
      records.begin(EVENT_KINDS.collectionUnit, detail, store.definition.id, partition, entry.version);
      entry.encodeWith(records.writer, unit);
      records.end();
    }
  }

  private copyTimes(
    { definition }: StoreShards,
    partition: number,
    entry: EntryView,
    createdAtMs: number,
    modifiedAtMs: number,
  ): void {
    const { version, database, buffer, keyOffset, keyLength } = entry;
    const { entryCreated, entryModified } = EVENT_KINDS;
    const copy = (kind: typeof entryCreated | typeof entryModified, timeMs: number): void => {
      if (timeMs === 0) return;
      this.records.entryTime(kind, definition.id, partition, version, database, timeMs, buffer, keyOffset, keyLength);
    };
    copy(entryCreated, createdAtMs);
    copy(entryModified, modifiedAtMs);
  }

  private entryOf(store: StoreShards): CollectionEntry {
    const known = this.collections.get(store);
    if (known !== undefined) return known;
    const entry = store.engine.collectionEntry();
    this.collections.set(store, entry);
    return entry;
  }

  private get isFull(): boolean {
    return this.records.writer.length >= this.chunkBytes;
  }
}
