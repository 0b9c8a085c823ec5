import { Xorshift } from './xorshift.js';

describe('xorshift', () => {
  it('gives the same numbers for the same seed', () => {
    const numbers = (seed: number): number[] => {
      const rng = new Xorshift(seed);
      return Array.from({ length: 100 }, () => rng.below(1000));
    };
    expect(numbers(7)).toEqual(numbers(7));
    expect(numbers(7)).not.toEqual(numbers(9));
  });

  it('spreads them evenly, whatever the seed', () => {
    for (const seed of [0, 1, 2 ** 31]) {
      const rng = new Xorshift(seed);
      const counts = new Uint32Array(10);
      for (let i = 0; i < 100_000; i++) counts[rng.below(10)]++;
      for (const count of counts) expect(Math.abs(count / 10_000 - 1)).toBeLessThan(0.1);
    }
  });
});
