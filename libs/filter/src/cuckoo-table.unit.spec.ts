import fc from 'fast-check';
import { CuckooTable, falsePositiveRate, MAX_BITS, MAX_SLOTS, MIN_BITS, tableBytes } from './cuckoo-table.js';
import { type Hash, HashSource } from './filter.support.spec.js';

const WIDTHS = [5, 6, 8, 9, 11, 12, 14, 15, 16];

/** Fills a table to a load; answers what is in it. */
function fill(table: CuckooTable, load: number, source: HashSource): Hash[] {
  const hashes = source.hashes(Math.floor(table.slots * load));
  expect(hashes.every(({ high, low }) => table.insert(high, low))).toBe(true);
  return hashes;
}

describe('CuckooTable', () => {
  it.each(WIDTHS)('finds all that was inserted, and removes it, with slots of %i bits', (bits) => {
    const table = new CuckooTable(4_001, bits);
    const hashes = fill(table, 0.88, new HashSource(bits));
    expect(table.items).toBe(hashes.length);
    expect(hashes.every(({ high, low }) => table.mayContain(high, low))).toBe(true);
    const half = hashes.length >> 1;
    expect(hashes.slice(0, half).every(({ high, low }) => table.remove(high, low))).toBe(true);
    expect(hashes.slice(half).every(({ high, low }) => table.mayContain(high, low))).toBe(true);
    expect(hashes.slice(half).every(({ high, low }) => table.remove(high, low))).toBe(true);
    expect(table.items).toBe(0);
    expect(hashes.some(({ high, low }) => table.mayContain(high, low))).toBe(false);
  });

  it.each(WIDTHS)('has the false-positive rate that its load predicts, with slots of %i bits', (bits) => {
    const source = new HashSource(100 + bits);
    const table = new CuckooTable(10_000, bits);
    fill(table, 0.8, source);
    const probes = Math.min(Math.ceil(1_000 / table.falsePositiveRate()), 400_000);
    let found = 0;
    for (let i = 0; i < probes; i++) if (table.mayContain(source.word(), source.word())) found++;
    const expected = table.falsePositiveRate() * probes;
    // Four standard deviations, and what the formula leaves out: that slots of one window are not independent.
    expect(Math.abs(found - expected)).toBeLessThan(4 * Math.sqrt(expected) + 0.05 * expected);
  });

  it('tells when it is full, which is above the load at which it is replaced', () => {
    for (const slots of [257, 5_003, 60_000]) {
      const source = new HashSource(slots);
      const table = new CuckooTable(slots, 8);
      let { high, low } = source.hash();
      while (table.insert(high, low)) ({ high, low } = source.hash());
      expect(table.items / slots).toBeGreaterThan(0.89);
      expect(table.items).toBeLessThanOrEqual(slots);
    }
  });

  it('counts equal hashes, and is full of them soon', () => {
    const table = new CuckooTable(1_000, 8);
    let count = 0;
    while (table.insert(123_456_789, 987_654_321)) count++;
    expect(count).toBe(4);
    const other = new CuckooTable(1_000, 8);
    other.insert(1, 1 << 20);
    other.insert(1, 1 << 20);
    other.remove(1, 1 << 20);
    expect(other.mayContain(1, 1 << 20)).toBe(true);
    other.remove(1, 1 << 20);
    expect(other.mayContain(1, 1 << 20)).toBe(false);
  });

  it('changes nothing when it removes what it does not have', () => {
    const table = new CuckooTable(1_000, 12);
    const hashes = fill(table, 0.5, new HashSource(5));
    const absent = new HashSource(6).hashes(1_000).filter(({ high, low }) => !table.mayContain(high, low));
    for (const { high, low } of absent) expect(table.remove(high, low)).toBe(false);
    expect(table.items).toBe(hashes.length);
    expect(hashes.every(({ high, low }) => table.mayContain(high, low))).toBe(true);
  });

  it('says what memory it takes, and what it cannot be', () => {
    expect(new CuckooTable(8_000, 9).bytes).toBe(tableBytes(8_000, 9));
    expect(tableBytes(8_000, 9)).toBeGreaterThanOrEqual(9_000);
    expect(falsePositiveRate(0, 8)).toBe(0);
    expect(() => new CuckooTable(100, MIN_BITS - 1)).toThrow('bits');
    expect(() => new CuckooTable(100, MAX_BITS + 1)).toThrow('bits');
    expect(() => new CuckooTable(2, 8)).toThrow('slots');
    expect(() => new CuckooTable(MAX_SLOTS + 1, 8)).toThrow('slots');
  });

  it('contains what a plain list contains, whatever is inserted and removed', () => {
    const lane = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
    // Few different fingerprints, so that equal ones of different hashes meet.
    const low = fc.integer({ min: 0, max: 3 }).map((value) => value << 30);
    const operation = fc.record({ isInsert: fc.boolean(), high: lane, low: fc.oneof(low, lane), pick: fc.nat() });
    fc.assert(
      fc.property(
        fc.integer({ min: 3, max: 200 }),
        fc.integer({ min: MIN_BITS, max: MAX_BITS }),
        fc.array(operation, { maxLength: 300 }),
        (slots, bits, operations) => {
          const table = new CuckooTable(slots, bits);
          const model: Hash[] = [];
          for (const { isInsert, high, low: second, pick } of operations) {
            if (isInsert) {
              if (!table.insert(high, second)) return;
              model.push({ high, low: second });
            } else if (model.length > 0) {
              const [gone] = model.splice(pick % model.length, 1);
              if (!table.remove(gone.high, gone.low)) throw new Error('a hash was lost');
            }
            expect(table.items).toBe(model.length);
            expect(model.every((hash) => table.mayContain(hash.high, hash.low))).toBe(true);
          }
        },
      ),
    );
  });
});
