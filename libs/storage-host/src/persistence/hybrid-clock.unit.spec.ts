import fc from 'fast-check';
import { HybridClock } from './hybrid-clock.js';

function timeOf({ wallMs, logical }: HybridClock): number {
  return wallMs * 0x1_0000 + logical;
}

describe('a hybrid clock', () => {
  it('follows the wall clock, and counts within a millisecond', () => {
    const clock = new HybridClock();
    const times = [5, 5, 5, 7].map((nowMs) => {
      clock.advance(nowMs);
      return [clock.wallMs, clock.logical];
    });
    expect(times).toEqual([
      [5, 0],
      [5, 1],
      [5, 2],
      [7, 0],
    ]);
  });

  it('goes on where the wall clock steps back, and behind what it has been told of', () => {
    const clock = new HybridClock();
    clock.advance(3_600_000);
    clock.advance(0);
    expect([clock.wallMs, clock.logical]).toEqual([3_600_000, 1]);
    clock.witness(3_600_000, 7);
    clock.witness(3_500_000, 9);
    clock.advance(1);
    expect([clock.wallMs, clock.logical]).toEqual([3_600_000, 8]);
  });

  it('takes the next millisecond where one has no numbers left', () => {
    const clock = new HybridClock();
    clock.witness(10, 0xffff);
    clock.advance(10);
    expect([clock.wallMs, clock.logical]).toEqual([11, 0]);
  });

  it('only grows', () => {
    const step = fc.record({ nowMs: fc.nat(50), heard: fc.option(fc.tuple(fc.nat(50), fc.nat(0xffff))) });
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const clock = new HybridClock();
        let last = timeOf(clock);
        for (const { nowMs, heard } of steps) {
          if (heard !== null) clock.witness(...heard);
          clock.advance(nowMs);
          expect(timeOf(clock)).toBeGreaterThan(last);
          last = timeOf(clock);
        }
      }),
    );
  });
});
