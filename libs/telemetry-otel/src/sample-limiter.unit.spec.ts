import { SampleLimiter } from './index.js';

const taken = (limiter: SampleLimiter, times: readonly number[]): number =>
  times.filter((nowMs) => limiter.take(nowMs)).length;

describe('SampleLimiter', () => {
  it('lets a burst of one second through and then the rate', () => {
    const limiter = new SampleLimiter(5);
    expect(taken(limiter, Array(100).fill(1_000))).toBe(5);
    expect(taken(limiter, [1_100, 1_150])).toBe(0);
    expect(taken(limiter, [1_200, 1_201])).toBe(1);
    expect(taken(limiter, Array(100).fill(60_000))).toBe(5);
  });

  it('serves rates below one a second, and none at zero', () => {
    const slow = new SampleLimiter(0.1);
    expect(taken(slow, [0, 1, 5_000, 10_002, 10_003, 20_004])).toBe(3);
    expect(taken(new SampleLimiter(0), [0, 1_000, 1e9])).toBe(0);
  });

  it('lets the ratio through evenly', () => {
    const limiter = new SampleLimiter(1e6, 0.25);
    expect(taken(limiter, Array(1_000).fill(1))).toBe(250);
    expect(taken(new SampleLimiter(1e6, 0), Array(1_000).fill(1))).toBe(0);
  });

  it('takes another rate while it runs', () => {
    const limiter = new SampleLimiter(5);
    expect(taken(limiter, Array(100).fill(1_000))).toBe(5);
    limiter.setRate(50);
    expect(taken(limiter, Array(100).fill(1_100))).toBe(5);
    expect(taken(limiter, Array(100).fill(9_000))).toBe(50);
    limiter.setRate(0);
    expect(taken(limiter, [20_000, 30_000])).toBe(0);
  });

  it('is not upset by a clock that stands or goes back', () => {
    const limiter = new SampleLimiter(1);
    expect(taken(limiter, [1_000, 500, 500, 0])).toBe(1);
    expect(taken(limiter, [1_000])).toBe(1);
  });
});
