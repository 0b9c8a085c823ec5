import fc from 'fast-check';
import { MEMBERSHIP_BOUNDS } from './bounds.js';
import { PhiDetector } from './phi-detector.js';

const THRESHOLD = 8;
const MIN_STD_MS = 50;

const interval = fc.integer({ min: 100, max: 2_000 });

function watching(intervalMs: number, startMs = 0): PhiDetector {
  const detector = new PhiDetector({ intervalMs, minStdMs: MIN_STD_MS });
  detector.watch('a', startMs);
  return detector;
}

/** Arrivals with each gap between (1 - jitter) and (1 + jitter) intervals. */
function rhythm(intervalMs: number, jitter: number, draws: readonly number[]): number[] {
  let atMs = 0;
  return draws.map((draw) => (atMs += intervalMs * (1 + jitter * (2 * draw - 1))));
}

const draws = (maxLength: number): fc.Arbitrary<number[]> =>
  fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 3, maxLength });

describe('PhiDetector', () => {
  it('never suspects a member whose heartbeats come with up to half an interval of jitter', () => {
    fc.assert(
      fc.property(interval, fc.double({ min: 0, max: 0.5, noNaN: true }), draws(200), (intervalMs, jitter, values) => {
        const detector = watching(intervalMs);
        for (const atMs of rhythm(intervalMs, jitter, values)) {
          expect(detector.phi('a', atMs)).toBeLessThan(THRESHOLD);
          detector.heard('a', atMs);
        }
      }),
    );
  });

  it('does not suspect for single lost heartbeats', () => {
    fc.assert(
      fc.property(interval, draws(200), fc.integer({ min: 2, max: 9 }), (intervalMs, values, lostEach) => {
        const detector = watching(intervalMs);
        rhythm(intervalMs, 0.1, values).forEach((atMs, i) => {
          if (i % lostEach === 1) return;
          expect(detector.phi('a', atMs)).toBeLessThan(THRESHOLD);
          detector.heard('a', atMs);
        });
      }),
    );
  });

  it('notices silence within seven deviations of a member that kept the expected rhythm', () => {
    fc.assert(
      fc.property(interval, fc.double({ min: 0, max: 0.2, noNaN: true }), draws(200), (intervalMs, jitter, values) => {
        const detector = watching(intervalMs);
        const arrivals = rhythm(intervalMs, jitter, values);
        for (const atMs of arrivals) detector.heard('a', atMs);
        const deviationMs = Math.max(MIN_STD_MS, 0.25 * (1 + jitter) * intervalMs);
        const lastMs = arrivals[arrivals.length - 1];
        expect(detector.phi('a', lastMs + (1 + jitter) * intervalMs + 7 * deviationMs)).toBeGreaterThan(THRESHOLD);
      }),
    );
  });

  it('learns a slower rhythm than expected', () => {
    const detector = watching(100);
    for (let atMs = 0; atMs <= 60_000; atMs += 1_000) detector.heard('a', atMs);
    expect(detector.phi('a', 61_900)).toBeLessThan(THRESHOLD);
    expect(detector.phi('a', 64_000)).toBeGreaterThan(THRESHOLD);
  });

  it('is not made impatient by announcements between heartbeats', () => {
    const detector = watching(500);
    for (let atMs = 0; atMs <= 60_000; atMs += 500) for (let i = 0; i < 10; i++) detector.heard('a', atMs + i);
    expect(detector.phi('a', 61_000)).toBeLessThan(THRESHOLD);
  });

  it('does not learn that long silence is usual', () => {
    const detector = watching(500);
    for (let atMs = 0; atMs <= 30_000; atMs += 500) detector.heard('a', atMs);
    detector.heard('a', 630_000);
    expect(detector.phi('a', 632_000)).toBeGreaterThan(THRESHOLD);
  });

  it('counts nothing before a fresh start, neither as silence nor as an interval', () => {
    const detector = watching(500);
    for (let atMs = 0; atMs <= 30_000; atMs += 500) detector.heard('a', atMs);
    const before = detector.phi('a', 31_000);
    detector.startAfresh(90_000);
    expect([detector.silentMs('a', 90_100), detector.isHeard('a')]).toEqual([100, false]);
    detector.heard('a', 90_300);
    expect(detector.isHeard('a')).toBe(true);
    expect(detector.phi('a', 91_300)).toBeCloseTo(before, 9);
  });

  it('takes nothing from the order of times that do not grow', () => {
    const detector = watching(500, 10_000);
    detector.heard('a', 10_500);
    detector.heard('a', 10_400);
    expect(detector.silentMs('a', 10_300)).toBe(0);
    expect(detector.phi('a', 10_800)).toBeLessThan(1);
  });

  it('holds as many members as its bound, and reuses the room of those that it forgets', () => {
    const detector = new PhiDetector({ intervalMs: 500, minStdMs: MIN_STD_MS });
    const names = Array.from({ length: MEMBERSHIP_BOUNDS.maxMembers }, (_, i) => `n${i}`);
    for (const name of names) detector.watch(name, 0);
    expect(() => detector.watch('one more', 0)).toThrow('no more members');
    for (let atMs = 0; atMs < 100_000; atMs += 5_000) detector.heard('n7', atMs);
    detector.forget('n7');
    detector.watch('new', 100_000);
    expect(detector.phi('new', 102_500)).toBeGreaterThan(THRESHOLD);
    expect([...detector.watched()]).toHaveLength(names.length);
  });

  it('says nothing of members that are not watched', () => {
    const detector = watching(500);
    detector.heard('b', 1);
    detector.forget('b');
    expect([detector.phi('b', 9_999), detector.silentMs('b', 9_999), detector.isHeard('b')]).toEqual([0, 0, false]);
    expect(() => detector.watch('a', 0)).toThrow('once');
  });
});
