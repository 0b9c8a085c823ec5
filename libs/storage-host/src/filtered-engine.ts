import type { StoreFilter as FilterSettings } from '#libs/cluster';
import {
  ABSENT,
  ALL_DATABASES,
  type CollectionEntry,
  EntryHeader,
  type EntryRef,
  parseEntryBody,
  type StoreEngine,
} from '#libs/engine';
import { encodeFilterCopy, EngineKeys, filterCopyBytes, type FilterDecisions, StoreFilter } from '#libs/filter';

const NO_DECISIONS: FilterDecisions = { lookups: 0, negatives: 0, bypassed: 0, falsePositives: 0 };

/**
 * A store's engine behind its filter, where it has one: whatever adds or takes away keys goes this way, so that the filter
 * hears of it, and look-ups ask the filter before the index. Without a filter all of this is the engine.
 */
export class FilteredEngine {
  /** Undefined where the store has none. */
  filter: StoreFilter | undefined;
  /** By partition: 1 where this node is primary, so that the filter is of use. */
  private readonly served: Uint8Array;
  private readonly header = new EntryHeader();
  /** Those that {@link takeDecisions} has answered before. */
  private taken = NO_DECISIONS;
  /** Filters that there have been. */
  private filters = 0;

  constructor(private readonly engine: StoreEngine) {
    this.served = new Uint8Array(engine.partitionCount);
  }

  /** Follows the definition. A filter that appears answers nothing until {@link buildFilter} has built its tables. */
  configure({ enabled, falsePositiveRate }: FilterSettings): void {
    if (!enabled) {
      this.filter?.disable();
      this.filter = undefined;
      this.taken = NO_DECISIONS;
    } else if (this.filter !== undefined) this.filter.setFalsePositiveRate(falsePositiveRate);
    else this.filter = this.makeFilter(falsePositiveRate);
  }

  setServed(partition: number, isServed: boolean): void {
    this.served[partition] = isServed ? 1 : 0;
    this.filter?.setServed(partition, isServed);
  }

  /** The entry of a key, expired or not, or ABSENT. */
  find(partition: number, database: number, key: Uint8Array, keyOffset: number, keyLength: number): EntryRef {
    const { engine, filter } = this;
    if (filter === undefined) return engine.find(partition, database, key, keyOffset, keyLength);
    const hash = engine.hashOf(database, key, keyOffset, keyLength);
    if (!filter.mayContain(partition, hash, engine.hashLow)) {
      engine.missed(hash);
      return ABSENT;
    }
    const ref = engine.findHashed(partition, hash, database, key, keyOffset, keyLength);
    if (ref === ABSENT) filter.onMissed();
    return ref;
  }

  /** As {@link StoreEngine.applySet}. */
  set(
    partition: number,
    version: number,
    body: Uint8Array,
    bodyOffset: number,
    bodyLength: number,
    nowMs: number,
  ): boolean {
    const { engine, filter } = this;
    if (filter === undefined) return engine.applySet(partition, version, body, bodyOffset, bodyLength, nowMs);
    const before = engine.count(partition);
    if (!engine.applySet(partition, version, body, bodyOffset, bodyLength, nowMs)) return false;
    if (engine.count(partition) !== before) this.inserted(filter, partition, body, bodyOffset, bodyLength);
    return true;
  }

  /** As {@link StoreEngine.applyBuilt}. */
  setBuilt(partition: number, version: number, body: Uint8Array, bodyLength: number, nowMs: number): boolean {
    const { engine, filter } = this;
    const before = engine.count(partition);
    if (!engine.applyBuilt(partition, version, body, bodyLength, nowMs)) return false;
    if (filter !== undefined && engine.count(partition) !== before)
      this.inserted(filter, partition, body, 0, bodyLength);
    return true;
  }

  /** An entry for the engine's collections to work on, of whose coming and going the filter hears. */
  collectionEntry(): CollectionEntry {
    const { engine } = this;
    const entry = engine.collectionEntry();
    entry.onCreated = (partition, database, key, offset, length) => {
      this.filter?.onInserted(partition, engine.hashOf(database, key, offset, length), engine.hashLow);
    };
    entry.onGone = (partition, database, key, offset, length) => {
      this.filter?.onRemoved(partition, engine.hashOf(database, key, offset, length), engine.hashLow);
    };
    return entry;
  }

  /** Removes the entry of a key; the key may lie in the entry itself. */
  remove(
    partition: number,
    ref: EntryRef,
    database: number,
    key: Uint8Array,
    keyOffset: number,
    keyLength: number,
  ): void {
    const { engine, filter } = this;
    if (filter === undefined) return engine.applyRemove(partition, ref);
    const hash = engine.hashOf(database, key, keyOffset, keyLength);
    const low = engine.hashLow;
    engine.applyRemove(partition, ref);
    filter.onRemoved(partition, hash, low);
  }

  /** Removes all entries of one database, or of all (ALL_DATABASES), from one shard. */
  clear(partition: number, database: number = ALL_DATABASES): void {
    const { engine, filter } = this;
    const before = engine.count(partition);
    engine.applyClear(partition, database);
    if (engine.count(partition) !== before) filter?.onCleared(partition);
  }

  /** Builds the filter's tables by visiting about `maxKeys` keys, and answers how much was done, in keys. */
  buildFilter(maxKeys: number): number {
    return this.filter === undefined ? 0 : this.filter.step(maxKeys);
  }

  /**
   * A copy of a shard's table; `same` where it is still as the version says, undefined where there is none, or one of
   * more than `maxBytes`. Versions tell filters of this store from each other too.
   */
  filterCopy(partition: number, knownVersion: string, maxBytes: number): Uint8Array | 'same' | undefined {
    const table = this.filter?.tableOf(partition);
    if (this.filter === undefined || table === undefined) return undefined;
    const version = `${this.filters}.${this.filter.versionOf(partition)}`;
    if (version === knownVersion) return 'same';
    return filterCopyBytes(table, version) > maxBytes ? undefined : encodeFilterCopy(table, version);
  }

  /** What the filter has decided since the last call; undefined without one. */
  takeDecisions(): FilterDecisions | undefined {
    const { filter, taken } = this;
    if (filter === undefined) return undefined;
    const now = filter.decisions();
    this.taken = now;
    return {
      lookups: now.lookups - taken.lookups,
      negatives: now.negatives - taken.negatives,
      bypassed: now.bypassed - taken.bypassed,
      falsePositives: now.falsePositives - taken.falsePositives,
    };
  }

  /** The filter counts from zero again. */
  resetCounters(): void {
    this.filter?.resetCounters();
    this.taken = NO_DECISIONS;
  }

  /** A body's key has come to be. */
  private inserted(
    filter: StoreFilter,
    partition: number,
    body: Uint8Array,
    bodyOffset: number,
    bodyLength: number,
  ): void {
    const { engine, header } = this;
    parseEntryBody(body, bodyOffset, bodyLength, header);
    const hash = engine.hashOf(header.database, body, header.keyOffset, header.keyLength);
    filter.onInserted(partition, hash, engine.hashLow);
  }

  private makeFilter(falsePositiveRate: number): StoreFilter {
    const { engine, served } = this;
    this.filters++;
    const filter = new StoreFilter({
      partitionCount: engine.partitionCount,
      falsePositiveRate,
      keys: new EngineKeys(engine),
      charge: (bytes) => engine.charge(bytes),
    });
    for (let partition = 0; partition < served.length; partition++) {
      if (served[partition] === 1) filter.setServed(partition, true);
    }
    filter.enable();
    return filter;
  }
}
