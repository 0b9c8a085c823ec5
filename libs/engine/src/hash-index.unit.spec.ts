import fc from 'fast-check';
import { Arena } from './arena.js';
import { HashIndex } from './hash-index.js';
import { SLOT_WORDS } from './index-pages.js';
import { MemoryBudget } from './memory-budget.js';

function setUp(limitBytes = 1 << 24): { index: HashIndex; budget: MemoryBudget; arena: Arena } {
  const budget = new MemoryBudget(limitBytes);
  const arena = new Arena(16 * 1024, budget);
  return { index: new HashIndex(arena, budget, 4), budget, arena };
}

function add(index: HashIndex, partition: number, hash: number, ref: number): boolean {
  if (!index.reserve(partition, hash | 0)) return false;
  index.insert(partition, hash | 0, ref);
  return true;
}

function remove(index: HashIndex, partition: number, hash: number, ref: number): boolean {
  const slot = index.slotOf(partition, hash | 0, ref);
  if (slot >= 0) index.remove(partition, hash | 0, slot);
  return slot >= 0;
}

/** All (hash, reference) of a partition in page order. */
function contents(index: HashIndex, partition: number): [number, number][] {
  const pairs: [number, number][] = [];
  for (let start = 0; start < 2 ** 32 && index.seek(partition, start | 0); start = index.endOfPage(start)) {
    const { words, hashes, refs, count } = index.page;
    for (let i = 0; i < count; i++) pairs.push([words[hashes + i * SLOT_WORDS], words[refs + i * SLOT_WORDS]]);
  }
  return pairs;
}

function expectSame(index: HashIndex, partition: number, model: Map<number, number>): void {
  const pairs = contents(index, partition);
  expect(pairs.map(([hash]) => hash)).toEqual([...model.values()].sort((a, b) => a - b));
  expect(new Map(pairs.map(([hash, ref]) => [ref, hash]))).toEqual(model);
  expect(index.count(partition)).toBe(model.size);
}

/** Hashes as a good hash gives them, and as an attacker who knows the seed would. */
const hashes = fc.oneof(
  { weight: 4, arbitrary: fc.nat(0xffffffff) },
  { weight: 1, arbitrary: fc.constantFrom(0, 1, 0x7fffffff, 0x80000000, 0xffffffff) },
  { weight: 1, arbitrary: fc.nat(255).map((low) => 0xabcdef00 + low) },
);

describe('HashIndex', () => {
  it('holds what was inserted, in order of the hashes, and gives all memory back', () => {
    const burst = fc.record({ hashes: fc.array(hashes, { maxLength: 400 }), removeShare: fc.nat(100) });
    fc.assert(
      fc.property(fc.array(burst, { maxLength: 6 }), (bursts) => {
        const { index, budget, arena } = setUp();
        const model = new Map<number, number>();
        let nextRef = 1;
        for (const { hashes: added, removeShare } of bursts) {
          for (const hash of added) {
            expect(add(index, 1, hash, nextRef)).toBe(true);
            model.set(nextRef++, hash);
          }
          for (const [ref, hash] of model) {
            if ((ref * 37) % 100 >= removeShare) continue;
            expect(remove(index, 1, hash, ref)).toBe(true);
            model.delete(ref);
          }
          expectSame(index, 1, model);
          expect(budget.usedBytes).toBe(index.usedBytes + arena.bitmapBytes);
        }
        for (const [ref, hash] of model) expect(remove(index, 1, hash, ref)).toBe(true);
        expect(index.usedBytes).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  it('keeps pages, not the directory, growing when all hashes are equal', () => {
    const { index } = setUp();
    const count = 3000;
    for (let ref = 1; ref <= count; ref++) add(index, 0, 0xcafe0000, ref);
    expect(index.usedBytes).toBeLessThan(count * 16);
    expect(add(index, 0, 0x10000000, count + 1)).toBe(true);
    expect(index.slotOf(0, 0xcafe0000 | 0, 1)).toBeGreaterThanOrEqual(0);
    for (let ref = 1; ref <= count; ref++) expect(remove(index, 0, 0xcafe0000, ref)).toBe(true);
    expect(contents(index, 0)).toEqual([[0x10000000, count + 1]]);
    expect(index.usedBytes).toBeLessThan(1000);
  });

  it('costs less than 11 bytes per entry with uniform hashes', () => {
    const { index } = setUp();
    const count = 20_000;
    for (let ref = 1; ref <= count; ref++) add(index, 0, Math.imul(ref, 0x9e3779b1) ^ Math.imul(ref, 0x85ebca77), ref);
    expect(index.usedBytes / count).toBeLessThan(11);
  });

  it('shrinks to what a single entry costs when the others are removed', () => {
    const { index } = setUp();
    const hashOf = (ref: number) => Math.imul(ref, 0x9e3779b1);
    for (let ref = 1; ref <= 5000; ref++) add(index, 0, hashOf(ref), ref);
    for (let ref = 2; ref <= 5000; ref++) expect(remove(index, 0, hashOf(ref), ref)).toBe(true);
    expect(index.usedBytes).toBeLessThanOrEqual(80);
    expect(contents(index, 0)).toEqual([[hashOf(1) >>> 0, 1]]);
  });

  it('filters and shrinks a partition and leaves the others alone', () => {
    const { index } = setUp();
    const model = new Map<number, number>();
    for (let ref = 1; ref <= 5000; ref++) {
      const hash = Math.imul(ref, 0x9e3779b1) >>> 0;
      add(index, 2, hash, ref);
      add(index, 3, hash, ref);
      model.set(ref, hash);
    }
    const before = index.usedBytes;
    index.filter(2, (ref) => ref % 100 === 0);
    expectSame(index, 2, new Map([...model].filter(([ref]) => ref % 100 === 0)));
    expectSame(index, 3, model);
    expect(index.usedBytes).toBeLessThan(before * 0.52);
    index.filter(2, () => false);
    expect(contents(index, 2)).toEqual([]);
    expect(add(index, 2, 5, 5)).toBe(true);
    expect(contents(index, 2)).toEqual([[5, 5]]);
  });

  it('refuses entries beyond the limit and loses none', () => {
    const { index, budget } = setUp(6000);
    const model = new Map<number, number>();
    for (let ref = 1; ref <= 2000; ref++) {
      const hash = Math.imul(ref, 0x9e3779b1) >>> 0;
      if (add(index, 0, hash, ref)) model.set(ref, hash);
    }
    expect(model.size).toBeGreaterThan(300);
    expect(model.size).toBeLessThan(750);
    expectSame(index, 0, model);
    budget.limitBytes = 0;
    for (const [ref, hash] of model) expect(remove(index, 0, hash, ref)).toBe(true);
    expect(add(index, 0, 1, 1)).toBe(false);
    expect(index.usedBytes).toBe(0);
  });
});
