import fc from 'fast-check';
import { geometricMean, median, percentile, relativeSpread } from './statistics.js';

const positive = fc.array(fc.double({ min: 1e-3, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 50 });

describe('statistics', () => {
  it('take the middle, whatever the order', () => {
    expect(median([5])).toBe(5);
    expect(median([9, 1, 5])).toBe(5);
    expect(median([10, 1, 9, 2])).toBe(5.5);
  });

  it('take percentiles by the nearest rank', () => {
    const values = Array.from({ length: 100 }, (_, i) => 100 - i);
    expect([0, 1, 50, 99, 100].map((percent) => percentile(values, percent))).toEqual([1, 1, 50, 99, 100]);
    expect(() => percentile([1], 101)).toThrow(RangeError);
  });

  it('average ratios so that inverse ratios cancel out', () => {
    expect(geometricMean([2, 0.5])).toBeCloseTo(1, 12);
    expect(geometricMean([0.9, 0.4])).toBeCloseTo(0.6, 12);
    expect(() => geometricMean([1, 0])).toThrow(RangeError);
  });

  it('relate the spread to the median', () => {
    expect(relativeSpread([90, 100, 120])).toBeCloseTo(0.3, 12);
    expect(relativeSpread([0, 0])).toBe(0);
  });

  it('lie between the smallest and the largest value', () => {
    fc.assert(
      fc.property(positive, (values) => {
        const [low, high] = [Math.min(...values) * (1 - 1e-9), Math.max(...values) * (1 + 1e-9)];
        for (const value of [median(values), geometricMean(values), percentile(values, 90)]) {
          expect(value).toBeGreaterThanOrEqual(low);
          expect(value).toBeLessThanOrEqual(high);
        }
      }),
    );
  });

  it('leave their input as it was, and refuse an empty one', () => {
    const values = [3, 1, 2];
    median(values);
    expect(values).toEqual([3, 1, 2]);
    expect(() => median([])).toThrow(RangeError);
  });
});
