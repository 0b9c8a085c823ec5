/** The filter beside plain sets: it must never deny what is there, and its accounts must be right after each operation. */
import fc from 'fast-check';
import { type Hash, HashSource, SetShards, TestBudget } from './filter.support.spec.js';
import { StoreFilter } from './store-filter.js';

const PARTITIONS = 3;

type Operation =
  | { readonly kind: 'insert' | 'remove'; readonly partition: number; readonly count: number; readonly pick: number }
  | { readonly kind: 'clear'; readonly partition: number; readonly share: number }
  | { readonly kind: 'serve'; readonly partition: number; readonly isServed: boolean }
  | { readonly kind: 'switch'; readonly isOn: boolean }
  | { readonly kind: 'rate'; readonly rate: number }
  | { readonly kind: 'limit'; readonly limit: number }
  | { readonly kind: 'step'; readonly maxKeys: number };

const partition = fc.nat(PARTITIONS - 1);
const change = fc.record({
  kind: fc.constantFrom('insert' as const, 'insert' as const, 'remove' as const),
  partition,
  count: fc.integer({ min: 1, max: 60 }),
  pick: fc.nat(),
});
const step = fc.record({ kind: fc.constant('step' as const), maxKeys: fc.integer({ min: 1, max: 100 }) });
const rare = fc.oneof(
  fc.record({ kind: fc.constant('clear' as const), partition, share: fc.constantFrom(0.5, 1) }),
  fc.record({ kind: fc.constant('serve' as const), partition, isServed: fc.boolean() }),
  fc.record({ kind: fc.constant('switch' as const), isOn: fc.boolean() }),
  fc.record({ kind: fc.constant('rate' as const), rate: fc.constantFrom(0.1, 0.02, 0.001) }),
  fc.record({ kind: fc.constant('limit' as const), limit: fc.integer({ min: 0, max: 4_000 }) }),
);
const operations: fc.Arbitrary<Operation[]> = fc.array(
  fc.oneof({ weight: 5, arbitrary: change }, { weight: 4, arbitrary: step }, { weight: 1, arbitrary: rare }),
  { maxLength: 80 },
);

/** Filter, sets and budget side by side. */
class Pair {
  readonly store = new SetShards(PARTITIONS);
  readonly budget = new TestBudget();
  readonly filter: StoreFilter;
  private readonly source = new HashSource(3);

  constructor() {
    const { store, budget } = this;
    const { charge } = budget;
    this.filter = new StoreFilter({
      partitionCount: PARTITIONS,
      falsePositiveRate: 0.1,
      keys: store,
      charge,
      asksAlways: true,
    });
    for (let i = 0; i < PARTITIONS; i++) this.filter.setServed(i, true);
    this.filter.enable();
  }

  apply(operation: Operation): void {
    const { filter, budget } = this;
    switch (operation.kind) {
      case 'insert':
        for (let i = 0; i < operation.count; i++) this.insert(operation.partition);
        return;
      case 'remove':
        for (let i = 0; i < operation.count; i++) this.remove(operation.partition, operation.pick + i * 7);
        return;
      case 'clear':
        return this.clear(operation.partition, operation.share);
      case 'serve':
        return filter.setServed(operation.partition, operation.isServed);
      case 'switch':
        return operation.isOn ? filter.enable() : filter.disable();
      case 'rate':
        return filter.setFalsePositiveRate(operation.rate);
      case 'limit':
        budget.limit = operation.limit;
        return;
      case 'step':
        filter.step(operation.maxKeys);
    }
  }

  check(): void {
    const { filter, store, budget } = this;
    for (const [i, shard] of store.shards.entries()) {
      expect([...shard].every(({ high, low }) => filter.mayContain(i, high, low))).toBe(true);
    }
    expect(filter.stats().bytes).toBe(budget.used);
  }

  /** Whatever has happened: with memory and time, all tables are there and hold each entry once. */
  settle(): void {
    const { filter, budget } = this;
    budget.limit = Number.POSITIVE_INFINITY;
    filter.enable();
    for (let i = 0; i < PARTITIONS; i++) filter.setServed(i, true);
    for (let i = 0; i <= PARTITIONS; i++) while (filter.step(100) > 0);
    const items = this.store.shards.reduce((sum, shard) => sum + shard.size, 0);
    const { readyShards, refusedShards } = filter.stats();
    expect(readyShards + refusedShards).toBe(PARTITIONS);
    // More than four entries that are alike fit into no table; it happens.
    if (refusedShards === 0) expect(filter.stats().items).toBe(items);
    for (const [i, shard] of this.store.shards.entries()) {
      for (const hash of shard) this.take(i, hash);
    }
    expect(filter.stats().items).toBe(0);
    filter.disable();
    expect(budget.used).toBe(0);
  }

  /** A third of the hashes share few fingerprints and places, so that those of different keys are often equal. */
  private insert(i: number): void {
    const { high, low } = this.source.hash();
    const isAlike = (low >>> 0) % 3 === 0;
    const hash = isAlike
      ? { high: (high & (31 << 27)) | (low & 0xffff), low: (high << 10) & (15 << 28) }
      : { high, low };
    this.store.shards[i].add(hash);
    this.filter.onInserted(i, hash.high, hash.low);
  }

  private remove(i: number, pick: number): void {
    const shard = [...this.store.shards[i]];
    if (shard.length > 0) this.take(i, shard[pick % shard.length]);
  }

  private take(i: number, hash: Hash): void {
    this.store.shards[i].delete(hash);
    this.filter.onRemoved(i, hash.high, hash.low);
  }

  private clear(i: number, share: number): void {
    const shard = [...this.store.shards[i]];
    for (const hash of shard.slice(0, Math.ceil(shard.length * share))) this.store.shards[i].delete(hash);
    this.filter.onCleared(i);
  }
}

describe('StoreFilter beside plain sets', () => {
  it('never denies what is there, and counts its memory exactly', () => {
    fc.assert(
      fc.property(operations, (all) => {
        const pair = new Pair();
        for (const operation of all) {
          pair.apply(operation);
          pair.check();
        }
        pair.settle();
      }),
      { numRuns: 300 },
    );
  });
});
