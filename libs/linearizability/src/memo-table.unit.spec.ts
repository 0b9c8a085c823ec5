import fc from 'fast-check';
import { MemoTable } from './memo-table.js';

const KEY_WORDS = 2;

describe('MemoTable', () => {
  it('agrees with a list of all that was added', () => {
    const word = fc.oneof(fc.nat(3), fc.constantFrom(-1, 2 ** 31 - 1));
    const entries = fc.array(fc.tuple(word, word, fc.nat(15), fc.nat(15)), { maxLength: 300 });
    fc.assert(
      fc.property(entries, (list) => {
        const memo = new MemoTable(1_000_000);
        const added: (readonly number[])[] = [];
        for (const entry of list) {
          const [a, b, ...set] = entry;
          const isCovered = added.some(
            ([c, d, ...smaller]) => a === c && b === d && smaller.every((bits, i) => (bits & ~set[i]) === 0),
          );
          expect(memo.add(Int32Array.from(entry), KEY_WORDS, entry.length)).toBe(!isCovered);
          if (!isCovered) added.push(entry);
        }
      }),
    );
  });

  it('remembers many keys of different lengths', () => {
    const memo = new MemoTable(1_000_000);
    const add = (i: number): boolean => memo.add(new Int32Array(1 + (i % 7)).fill(i), 1 + (i % 7), 1 + (i % 7));
    const numbers = Array.from({ length: 20_000 }, (_, i) => i);
    expect(numbers.filter(add)).toHaveLength(numbers.length);
    expect(numbers.filter(add)).toEqual([]);
  });

  it('takes no more memory than it may, and forgets nothing then', () => {
    const memo = new MemoTable(2_000);
    const known: number[] = [];
    for (let i = 0; i < 1_000; i++) {
      memo.add(Int32Array.of(i), 1, 1);
      if (!memo.add(Int32Array.of(i), 1, 1)) known.push(i);
    }
    // An entry takes its words, its length and its hash.
    expect(known).toHaveLength(Math.floor(2_000 / 3));
    expect(known.every((i) => !memo.add(Int32Array.of(i), 1, 1))).toBe(true);
  });
});
