import { type Hash, HashSource, SetShards, TestBudget } from './filter.support.spec.js';
import { StoreFilter } from './store-filter.js';

/** A store of hashes, its filter and its budget; every change goes to store and filter. */
class Bench {
  readonly store: SetShards;
  readonly budget: TestBudget;
  readonly filter: StoreFilter;
  private readonly source = new HashSource(1);

  constructor(partitionCount: number, { rate = 0.01, limit = Number.POSITIVE_INFINITY, asksAlways = true } = {}) {
    this.store = new SetShards(partitionCount);
    this.budget = new TestBudget(limit);
    const { charge } = this.budget;
    this.filter = new StoreFilter({ partitionCount, falsePositiveRate: rate, keys: this.store, charge, asksAlways });
    for (let partition = 0; partition < partitionCount; partition++) this.filter.setServed(partition, true);
  }

  insert(partition: number, count: number): Hash[] {
    const hashes = this.source.hashes(count);
    for (const hash of hashes) {
      this.store.shards[partition].add(hash);
      this.filter.onInserted(partition, hash.high, hash.low);
    }
    return hashes;
  }

  remove(partition: number, hashes: readonly Hash[]): void {
    for (const hash of hashes) {
      this.store.shards[partition].delete(hash);
      this.filter.onRemoved(partition, hash.high, hash.low);
    }
  }

  build(): void {
    while (this.filter.step(1_000) > 0);
  }

  /** Whether the filter says "maybe" of all these. */
  admits(partition: number, hashes: Iterable<Hash>): boolean {
    return [...hashes].every(({ high, low }) => this.filter.mayContain(partition, high, low));
  }

  /** How many of so many absent hashes the filter recognizes. */
  recognized(partition: number, count: number): number {
    let recognized = 0;
    for (const { high, low } of new HashSource(2).hashes(count)) {
      if (!this.filter.mayContain(partition, high, low)) recognized++;
      else this.filter.onMissed();
    }
    return recognized;
  }
}

describe('StoreFilter', () => {
  it('says "maybe" of everything until it is enabled and built', () => {
    const bench = new Bench(2);
    bench.insert(0, 100);
    expect(bench.filter.step(100)).toBe(0);
    expect(bench.recognized(0, 100)).toBe(0);
    bench.filter.enable();
    expect(bench.recognized(0, 100)).toBe(0);
    bench.build();
    expect(bench.recognized(0, 1_000)).toBeGreaterThan(960);
    expect(bench.recognized(1, 1_000)).toBe(1_000);
    expect(bench.filter.stats()).toMatchObject({ enabled: true, shards: 2, readyShards: 2, progress: 1, items: 100 });
  });

  it('builds in steps of bounded work', () => {
    const bench = new Bench(1);
    const hashes = bench.insert(0, 5_000);
    bench.filter.enable();
    let steps = 0;
    let progress = 0;
    for (let done = bench.filter.step(100); done > 0; done = bench.filter.step(100)) {
      expect(done).toBeLessThan(200);
      expect(bench.filter.stats().progress).toBeGreaterThanOrEqual(progress);
      progress = bench.filter.stats().progress;
      steps++;
    }
    expect(progress).toBe(1);
    expect(steps).toBeGreaterThan(45);
    expect(bench.admits(0, hashes)).toBe(true);
  });

  it('counts look-ups, misses that it answered, and those that it did not know', () => {
    const bench = new Bench(1, { rate: 0.1 });
    const hashes = bench.insert(0, 1_000);
    bench.filter.enable();
    bench.recognized(0, 10);
    bench.build();
    bench.admits(0, hashes);
    const negatives = bench.recognized(0, 2_000);
    expect(bench.filter.stats()).toMatchObject({ lookups: 3_000, negatives, falsePositives: 2_000 - negatives });
    expect(2_000 - negatives).toBeGreaterThan(10);
  });

  it('is not asked by most look-ups while all hit, and again once they miss', () => {
    const bench = new Bench(1, { asksAlways: false });
    const hashes = bench.insert(0, 1_000);
    bench.filter.enable();
    bench.build();
    for (let i = 0; i < 10; i++) bench.admits(0, hashes);
    const { lookups, bypassed } = bench.filter.stats();
    expect(lookups + bypassed).toBe(10_000);
    expect(bypassed).toBeGreaterThan(8_000);
    expect(bench.recognized(0, 1_000)).toBeGreaterThan(900);
    expect(bench.filter.stats().falsePositives).toBeLessThan(30);
  });

  it('grows and shrinks with its shard while it goes on answering', () => {
    const bench = new Bench(1);
    const hashes = bench.insert(0, 2_000);
    bench.filter.enable();
    bench.build();
    for (let i = 0; i < 160; i++) {
      hashes.push(...bench.insert(0, 50));
      bench.filter.step(5_000);
      expect(bench.filter.stats().readyShards).toBe(1);
    }
    expect(bench.admits(0, hashes)).toBe(true);
    expect(bench.filter.stats()).toMatchObject({ items: 10_000, overflows: 0 });
    const { bytes } = bench.filter.stats();
    for (let at = 0; at < 9_900; at += 100) {
      bench.remove(0, hashes.slice(at, at + 100));
      bench.filter.step(5_000);
      expect(bench.filter.stats().readyShards).toBe(1);
    }
    bench.build();
    expect(bench.filter.stats().bytes).toBeLessThan(bytes / 10);
    expect(bench.admits(0, hashes.slice(9_900))).toBe(true);
    expect(bench.budget.used).toBe(bench.filter.stats().bytes);
  });

  it('says "maybe" where a shard grows faster than its table is replaced', () => {
    const bench = new Bench(1);
    bench.insert(0, 500);
    bench.filter.enable();
    bench.build();
    const hashes = bench.insert(0, 2_000);
    expect(bench.recognized(0, 100)).toBe(0);
    expect(bench.filter.stats()).toMatchObject({ readyShards: 0, overflows: 1, bytes: 0 });
    bench.build();
    expect(bench.admits(0, hashes)).toBe(true);
    expect(bench.recognized(0, 100)).toBeGreaterThan(90);
  });

  it('keeps what changes during a build, on both sides of where the build is', () => {
    const bench = new Bench(1);
    const early = bench.insert(0, 2_000);
    bench.filter.enable();
    bench.filter.step(1_000);
    const late = bench.insert(0, 200);
    bench.remove(0, early.slice(0, 1_000));
    bench.build();
    expect(bench.filter.stats().items).toBe(1_200);
    expect(bench.admits(0, [...early.slice(1_000), ...late])).toBe(true);
    bench.remove(0, [...early.slice(1_000), ...late]);
    expect(bench.filter.stats().items).toBe(0);
    expect(bench.recognized(0, 100)).toBe(100);
  });

  it('does not take a key for another of the same fingerprint that a build has not reached', () => {
    const bench = new Bench(1);
    const [reached, ahead] = [
      { high: 5, low: 7 << 20 },
      { high: 6, low: 7 << 20 },
    ];
    for (const hash of [reached, ahead]) bench.store.shards[0].add(hash);
    bench.filter.enable();
    bench.filter.step(1);
    bench.remove(0, [ahead]);
    bench.build();
    expect(bench.filter.stats()).toMatchObject({ readyShards: 1, items: 1 });
    expect(bench.admits(0, [reached])).toBe(true);
  });

  it('starts again larger where a shard outgrows the table that is being built', () => {
    const bench = new Bench(1);
    bench.insert(0, 1_000);
    bench.filter.enable();
    bench.filter.step(900);
    bench.insert(0, 3_000);
    bench.build();
    expect(bench.filter.stats()).toMatchObject({ readyShards: 1, items: 4_000 });
    expect(bench.admits(0, bench.store.shards[0])).toBe(true);
  });

  it('gives a shard up whose hashes no table can tell apart', () => {
    const bench = new Bench(1);
    for (let i = 0; i < 20; i++) bench.store.shards[0].add({ high: 7, low: 7 });
    bench.filter.enable();
    bench.build();
    expect(bench.filter.stats()).toMatchObject({ readyShards: 0, refusedShards: 1, bytes: 0 });
    expect(bench.filter.mayContain(0, 8, 8)).toBe(true);
    bench.store.shards[0].clear();
    bench.filter.onCleared(0);
    bench.build();
    expect(bench.filter.mayContain(0, 8, 8)).toBe(false);
  });

  it('takes no memory that the store does not have, and takes it when there is some', () => {
    const bench = new Bench(4, { limit: 6_000 });
    for (let partition = 0; partition < 4; partition++) bench.insert(partition, 2_000);
    bench.filter.enable();
    bench.build();
    const { readyShards, refusedShards, bytes } = bench.filter.stats();
    expect(readyShards).toBeGreaterThan(0);
    expect(readyShards + refusedShards).toBe(4);
    expect(refusedShards).toBeGreaterThan(0);
    expect(bytes).toBeLessThanOrEqual(6_000);
    bench.budget.limit = 100_000;
    for (let i = 0; i < 8; i++) bench.build();
    expect(bench.filter.stats()).toMatchObject({ readyShards: 4, refusedShards: 0 });
    bench.filter.disable();
    expect(bench.budget.used).toBe(0);
  });

  it('answers only for the shards that it is told about', () => {
    const bench = new Bench(2);
    bench.insert(0, 100);
    const moved = bench.insert(1, 100);
    bench.filter.enable();
    bench.build();
    bench.filter.setServed(1, false);
    expect(bench.recognized(1, 100)).toBe(0);
    for (const hash of moved) bench.store.shards[1].delete(hash);
    bench.build();
    expect(bench.filter.stats()).toMatchObject({ shards: 1, readyShards: 1, items: 100 });
    const hashes = new HashSource(9).hashes(50);
    for (const hash of hashes) bench.store.shards[1].add(hash);
    bench.filter.setServed(1, true);
    expect(bench.admits(1, hashes)).toBe(true);
    bench.build();
    expect(bench.admits(1, hashes)).toBe(true);
    expect(bench.filter.stats()).toMatchObject({ shards: 2, readyShards: 2, items: 150 });
  });

  it('drops a cleared shard, also in the midst of building it', () => {
    const bench = new Bench(1);
    bench.insert(0, 1_000);
    bench.filter.enable();
    bench.filter.step(500);
    bench.store.shards[0].clear();
    bench.filter.onCleared(0);
    expect(bench.filter.stats()).toMatchObject({ items: 0, bytes: 0 });
    const hashes = bench.insert(0, 10);
    bench.build();
    expect(bench.filter.stats()).toMatchObject({ items: 10, readyShards: 1 });
    expect(bench.admits(0, hashes)).toBe(true);
  });

  it('is switched off and on at any time', () => {
    const bench = new Bench(2);
    const hashes = bench.insert(0, 1_000);
    bench.filter.enable();
    bench.filter.step(300);
    bench.filter.disable();
    expect(bench.filter.isEnabled).toBe(false);
    expect(bench.filter.stats()).toMatchObject({ enabled: false, readyShards: 0, bytes: 0 });
    expect(bench.budget.used).toBe(0);
    const more = bench.insert(0, 10);
    bench.remove(0, hashes.splice(0, 500));
    bench.filter.enable();
    bench.build();
    expect(bench.filter.stats().items).toBe(510);
    expect(bench.admits(0, [...hashes, ...more])).toBe(true);
  });

  it('follows another rate while the tables of the old one answer', () => {
    const bench = new Bench(1, { rate: 0.1 });
    const hashes = bench.insert(0, 5_000);
    bench.filter.enable();
    bench.build();
    const before = bench.filter.stats();
    bench.filter.setFalsePositiveRate(0.001);
    expect(bench.filter.falsePositiveRate).toBe(0.001);
    expect(bench.filter.stats().readyShards).toBe(1);
    bench.filter.step(1_000);
    bench.filter.setFalsePositiveRate(0.0001);
    bench.build();
    const after = bench.filter.stats();
    expect(after).toMatchObject({ configuredRate: 0.0001, items: 5_000, readyShards: 1 });
    expect(after.estimatedRate).toBeLessThan(0.00012);
    expect(after.fingerprintBits).toBeGreaterThan(before.fingerprintBits + 5);
    expect(bench.admits(0, hashes)).toBe(true);
    expect(bench.budget.used).toBe(after.bytes);
  });
});
