import fc from 'fast-check';
import { MEMBERSHIP_BOUNDS } from './bounds.js';
import { IntervalWindows } from './interval-windows.js';

const SLOTS = 3;

function meanOf(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function deviationOf(values: readonly number[]): number {
  const mean = meanOf(values);
  return Math.sqrt(meanOf(values.map((value) => (value - mean) ** 2)));
}

describe('IntervalWindows', () => {
  it('know mean and deviation of the latest intervals, as plain lists do', () => {
    const step = fc.record({
      slot: fc.nat(SLOTS - 1),
      interval: fc.double({ min: 0, max: 60_000, noNaN: true }),
      clears: fc.nat(99),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 600 }), (steps) => {
        const windows = new IntervalWindows(SLOTS);
        const lists: number[][] = Array.from({ length: SLOTS }, () => []);
        for (const { slot, interval, clears } of steps) {
          if (clears === 0) {
            windows.clear(slot);
            lists[slot] = [];
          }
          windows.add(slot, interval);
          lists[slot] = [...lists[slot], interval].slice(-MEMBERSHIP_BOUNDS.windowIntervals);
          expect(windows.mean(slot)).toBeCloseTo(meanOf(lists[slot]), 6);
          expect(Math.abs(windows.standardDeviation(slot) - deviationOf(lists[slot]))).toBeLessThan(0.01);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('do not gather rounding errors', () => {
    const windows = new IntervalWindows(1);
    for (let i = 0; i < 1_000_000; i++) windows.add(0, i % 2 === 0 ? 0.1 : 59_999.9);
    for (let i = 0; i < 2 * MEMBERSHIP_BOUNDS.windowIntervals; i++) windows.add(0, 0.1);
    expect(windows.mean(0)).toBeCloseTo(0.1, 9);
    expect(windows.standardDeviation(0)).toBeLessThan(1e-4);
  });

  it('are 0 while they are empty', () => {
    const windows = new IntervalWindows(1);
    expect([windows.mean(0), windows.standardDeviation(0)]).toEqual([0, 0]);
  });
});
