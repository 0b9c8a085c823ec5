import { falsePositiveRate } from './cuckoo-table.js';
import { FilterSizing, MAX_RATE, MIN_RATE } from './filter-sizing.js';

const PARTITIONS = 256;
const RATES = [0.1, 0.05, 0.02, 0.01, 0.003, 0.001, 0.0005, 0.0001];

/** What all shards of a store have with so many items each. */
function shardsWith(sizing: FilterSizing, items: number): { readonly load: number; readonly bits: number }[] {
  return Array.from({ length: PARTITIONS }, (_, partition) => {
    const slots = sizing.slotsAt(partition, sizing.levelFor(partition, items));
    return { load: items / slots, bits: sizing.bitsOf(partition, slots) };
  });
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('FilterSizing', () => {
  it.each(RATES)('meets a rate of %d as the mean of the shards, however many items there are', (rate) => {
    const sizing = new FilterSizing(rate, PARTITIONS);
    for (const items of [500, 777, 1_234, 4_000, 4_400, 4_900, 9_999]) {
      const rates = shardsWith(sizing, items).map(({ load, bits }) => falsePositiveRate(load, bits));
      expect(Math.abs(mean(rates) / rate - 1)).toBeLessThan(0.04);
    }
  });

  it('takes the fewest bits: one less for as many shards as the rate allows', () => {
    const widths = (rate: number): number[] =>
      [...new Set(shardsWith(new FilterSizing(rate, PARTITIONS), 4_000).map(({ bits }) => bits))].sort((a, b) => a - b);
    expect(widths(0.01)).toEqual([8, 9]);
    expect(widths(0.0001)).toEqual([14, 15]);
  });

  it('stays below the rate where shards are too few to mix widths', () => {
    for (const rate of RATES) {
      const sizing = new FilterSizing(rate, 1);
      const slots = sizing.slotsAt(0, sizing.levelFor(0, 4_000));
      expect(falsePositiveRate(4_000 / slots, sizing.bitsOf(0, slots))).toBeLessThanOrEqual(rate * 1.12);
    }
  });

  it('chooses the lowest level that has room, and keeps loads within a growth step', () => {
    const sizing = new FilterSizing(0.01, PARTITIONS);
    for (let partition = 0; partition < PARTITIONS; partition++) {
      for (const items of [0, 1, 15, 100, 5_000, 1_000_000]) {
        const level = sizing.levelFor(partition, items);
        expect(sizing.capacityAt(partition, level)).toBeGreaterThanOrEqual(items);
        if (level > 0) expect(sizing.capacityAt(partition, level - 1)).toBeLessThan(items);
        if (items > 0) expect(sizing.shrinkBelow(partition, level)).toBeLessThan(items);
        expect(sizing.shrinkBelow(partition, level)).toBeLessThan(sizing.capacityAt(partition, level) / 2);
      }
    }
  });

  it('gives large tables at least six bits', () => {
    const sizing = new FilterSizing(0.1, PARTITIONS);
    const widths = Array.from({ length: PARTITIONS }, (_, partition) => sizing.bitsOf(partition, 2 ** 20));
    expect(new Set(widths)).toEqual(new Set([6]));
    expect(sizing.bitsOf(0, 1_000)).toBe(5);
  });

  it('refuses rates out of range', () => {
    expect(() => new FilterSizing(MIN_RATE / 2, 1)).toThrow('rate');
    expect(() => new FilterSizing(MAX_RATE * 1.01, 1)).toThrow('rate');
    expect(() => new FilterSizing(Number.NaN, 1)).toThrow('rate');
  });
});
