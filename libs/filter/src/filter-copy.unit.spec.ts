import fc from 'fast-check';
import { DecodeError } from '#libs/kernel';
import { CuckooTable } from './cuckoo-table.js';
import { HashSource } from './filter.support.spec.js';
import { encodeFilterCopy, FilterCopy, filterCopyBytes } from './filter-copy.js';

function filled(slots: number, bits: number): CuckooTable {
  const table = new CuckooTable(slots, bits);
  for (const { high, low } of new HashSource(slots).hashes(Math.floor(slots * 0.8))) table.insert(high, low);
  return table;
}

describe('FilterCopy', () => {
  it.each([
    [3, 16],
    [16, 5],
    [1_001, 8],
    [20_000, 11],
  ])('of a table of %i slots of %i bits answers as the table does', (slots, bits) => {
    const table = filled(slots, bits);
    const bytes = encodeFilterCopy(table, '3.17');
    expect(bytes).toHaveLength(filterCopyBytes(table, '3.17'));
    const buffer = new Uint8Array(bytes.length + 7);
    buffer.set(bytes, 5);
    const copy = FilterCopy.decode(buffer, 5, bytes.length);
    expect(copy.version).toBe('3.17');
    expect(copy.bytes).toBe(table.words.length * 4);
    buffer.fill(0);
    const source = new HashSource(slots + 1);
    for (const { high, low } of [...new HashSource(slots).hashes(500), ...source.hashes(500)]) {
      expect(copy.mayContain(high, low)).toBe(table.mayContain(high, low));
    }
  });

  it('is as it was when it was made, whatever becomes of the table', () => {
    const table = filled(100, 12);
    const bytes = encodeFilterCopy(table, '1');
    const copy = FilterCopy.decode(bytes, 0, bytes.length);
    const added = new HashSource(77).hashes(8).filter(({ high, low }) => !table.mayContain(high, low));
    for (const { high, low } of added) table.insert(high, low);
    expect(added.some(({ high, low }) => copy.mayContain(high, low))).toBe(false);
  });

  it('of hostile bytes is refused, or answers something', () => {
    const real = encodeFilterCopy(filled(50, 9), '1.1');
    const spoiled = fc.tuple(fc.nat(real.length - 1), fc.nat(255), fc.nat(real.length)).map(([at, byte, length]) => {
      const bytes = real.slice();
      bytes[at] = byte;
      return bytes.subarray(0, length);
    });
    fc.assert(
      fc.property(fc.oneof(spoiled, fc.uint8Array({ maxLength: 200 })), fc.integer(), (bytes, hash) => {
        try {
          const copy = FilterCopy.decode(bytes, 0, bytes.length);
          expect(copy.bytes).toBeLessThanOrEqual(bytes.length);
          expect(typeof copy.mayContain(hash, ~hash)).toBe('boolean');
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
        }
      }),
    );
  });
});
