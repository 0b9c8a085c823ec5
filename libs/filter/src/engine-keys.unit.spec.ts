/** The filter of a real engine: hashes, scans and budget fit together, and the rate is what was asked for. */
import { ABSENT, ALL_DATABASES, encodeEntryBody, EntryView, StoreEngine } from '#libs/engine';
import { ByteWriter, utf8Bytes } from '#libs/kernel';
import { EngineKeys } from './engine-keys.js';
import { StoreFilter } from './store-filter.js';

const PARTITIONS = 64;
const MIB = 1024 * 1024;

/** A store as a host runs it: every change goes to the engine and then to the filter. */
class Store {
  readonly engine = new StoreEngine({ partitionCount: PARTITIONS, hashSeed: 42, limitBytes: 64 * MIB });
  readonly filter: StoreFilter;
  private readonly writer = new ByteWriter();

  constructor(falsePositiveRate: number) {
    const { engine } = this;
    this.filter = new StoreFilter({
      partitionCount: PARTITIONS,
      falsePositiveRate,
      keys: new EngineKeys(engine),
      charge: (bytes) => engine.charge(bytes),
    });
    for (let partition = 0; partition < PARTITIONS; partition++) this.filter.setServed(partition, true);
  }

  set(index: number): void {
    const { engine, filter, writer } = this;
    const [key, partition, database] = placeOf(index);
    const before = engine.count(partition);
    writer.reset();
    const length = encodeEntryBody(writer, database, 0, 0, key, 0, key.length, key, 0, key.length);
    engine.applySet(partition, 0, writer.buffer, 0, length);
    if (engine.count(partition) === before) return;
    filter.onInserted(partition, engine.hashOf(database, key, 0, key.length), engine.hashLow);
  }

  remove(index: number): void {
    const { engine, filter } = this;
    const [key, partition, database] = placeOf(index);
    const hash = engine.hashOf(database, key, 0, key.length);
    const low = engine.hashLow;
    engine.applyRemove(partition, engine.findHashed(partition, hash, database, key, 0, key.length));
    filter.onRemoved(partition, hash, low);
  }

  mayContain(index: number): boolean {
    const [key, partition, database] = placeOf(index);
    return this.filter.mayContain(partition, this.engine.hashOf(database, key, 0, key.length), this.engine.hashLow);
  }
}

function placeOf(index: number): [key: Uint8Array, partition: number, database: number] {
  return [utf8Bytes(`key:${index}`), index % PARTITIONS, index % 7 === 0 ? 3 : 0];
}

describe('the filter of an engine', () => {
  it('knows all keys of all databases, through growth, overwriting and removal', () => {
    const store = new Store(0.01);
    for (let i = 0; i < 2_000; i++) store.set(i);
    store.filter.enable();
    for (let i = 2_000; i < 30_000; i++) {
      store.set(i);
      store.set(i - 1_000);
      if (i % 50 === 0) store.filter.step(500);
    }
    for (let i = 0; i < 10_000; i++) store.remove(i);
    while (store.filter.step(1_000) > 0);
    for (let i = 10_000; i < 30_000; i++) if (!store.mayContain(i)) throw new Error(`the filter denies key ${i}`);
    expect(store.filter.stats()).toMatchObject({ readyShards: PARTITIONS, items: 20_000 });
  });

  it('has about the rate that is configured', () => {
    const store = new Store(0.01);
    for (let i = 0; i < 60_000; i++) store.set(i);
    store.filter.enable();
    while (store.filter.step(1_000) > 0);
    const probes = 200_000;
    let found = 0;
    for (let i = 0; i < probes; i++) if (store.mayContain(1_000_000 + i)) found++;
    expect(found / probes).toBeGreaterThan(0.009);
    expect(found / probes).toBeLessThan(0.011);
    expect(store.filter.stats().estimatedRate).toBeCloseTo(0.01, 3);
  });

  it('visits the entries of a shard once, in the order of their prefixes', () => {
    const store = new Store(0.01);
    for (let i = 0; i < 7_000; i++) store.set(i);
    const keys = new EngineKeys(store.engine);
    const seen = new Set<string>();
    for (let next = 0; next >= 0;) next = keys.scan(5, next, 10, (high, low) => void seen.add(`${high} ${low}`));
    expect(seen.size).toBe(keys.count(5));
    expect(seen.size).toBeGreaterThan(100);
  });

  it("takes its memory from the store's limit", () => {
    const store = new Store(0.001);
    for (let i = 0; i < 20_000; i++) store.set(i);
    const before = store.engine.usedBytes;
    store.filter.enable();
    while (store.filter.step(1_000) > 0);
    const { bytes } = store.filter.stats();
    expect(bytes).toBeGreaterThan(20_000);
    expect(store.engine.usedBytes).toBe(before + bytes);
    store.filter.disable();
    expect(store.engine.usedBytes).toBe(before);
    store.engine.setLimit(before);
    store.filter.enable();
    while (store.filter.step(1_000) > 0);
    expect(store.filter.stats()).toMatchObject({ readyShards: 0, refusedShards: PARTITIONS });
    expect(store.mayContain(64_000_000)).toBe(true);
  });

  it('forgets a cleared shard and reads what is left of it', () => {
    const store = new Store(0.01);
    for (let i = 0; i < 7_000; i++) store.set(i);
    store.filter.enable();
    while (store.filter.step(1_000) > 0);
    store.engine.applyClear(0, 0);
    store.filter.onCleared(0);
    while (store.filter.step(1_000) > 0);
    const view = new EntryView();
    let left = 0;
    store.engine.scan(0, ALL_DATABASES, 0, 1_000, (ref) => {
      expect(ref).not.toBe(ABSENT);
      store.engine.read(ref, view);
      expect(view.database).toBe(3);
      const hash = store.engine.hashOf(3, view.buffer, view.keyOffset, view.keyLength);
      expect(store.filter.mayContain(0, hash, store.engine.hashLow)).toBe(true);
      left++;
    });
    expect(left).toBeGreaterThan(0);
    expect(store.filter.stats().items).toBe(7_000 - (Math.ceil(7_000 / PARTITIONS) - left));
  });
});
