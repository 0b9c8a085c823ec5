import { parseExpected } from './expected.js';

const GOOD = { trace: 't.bin', cacheSizeBytes: [10, 20], missCount: { lru: [5, 4], sieve: [4, 3] } };

describe('published misses', () => {
  it('are read', () => {
    const { trace, cacheSizeBytes: sizes, missCount: misses } = GOOD;
    expect(parseExpected('e.json', JSON.stringify(GOOD))).toEqual({ trace, sizes, misses });
  });

  it.each([
    [{ ...GOOD, trace: 1 }, '"trace" must be a name'],
    [{ ...GOOD, cacheSizeBytes: [] }, '"cacheSizeBytes" a list of sizes'],
    [{ ...GOOD, cacheSizeBytes: [1.5] }, '"cacheSizeBytes" a list of sizes'],
    [{ ...GOOD, missCount: { lru: [1] } }, '"missCount.lru" must be 2 counts'],
    [{ ...GOOD, missCount: { lru: ['1', 2] } }, '"missCount.lru" must be 2 counts'],
  ])('are refused: %j', (value, message) => {
    expect(() => parseExpected('e.json', JSON.stringify(value))).toThrow(`e.json: `);
    expect(() => parseExpected('e.json', JSON.stringify(value))).toThrow(message);
  });
});
