import fc from 'fast-check';
import { compareBytes } from './compare-bytes.js';
import { readScore, readScoreKey, SCORE_BYTES, writeScore, writeScoreKey } from './score-bytes.js';

function keyOf(score: number): Uint8Array {
  const bytes = new Uint8Array(SCORE_BYTES);
  writeScoreKey(bytes, 0, score);
  return bytes;
}

describe('scores as bytes', () => {
  const score = fc.oneof(fc.double({ noNaN: true }), fc.integer(), fc.constantFrom(0, -0, 5e-324, -5e-324, Infinity));

  it('are read as they were written, but for negative zero', () => {
    fc.assert(
      fc.property(score, (number) => {
        const bytes = new Uint8Array(SCORE_BYTES);
        writeScore(bytes, 0, number);
        expect(readScore(bytes, 0)).toBe(number + 0);
        expect(readScoreKey(keyOf(number), 0)).toBe(number + 0);
      }),
    );
  });

  it('are ordered as keys as the numbers are', () => {
    fc.assert(
      fc.property(score, score, (a, b) => {
        const order = compareBytes(keyOf(a), 0, SCORE_BYTES, keyOf(b), 0, SCORE_BYTES);
        expect(Math.sign(order)).toBe(a < b ? -1 : a > b ? 1 : 0);
      }),
    );
  });
});
