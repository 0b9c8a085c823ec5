import fc from 'fast-check';
import { LatencyHistogram } from './latency-histogram.js';

describe('LatencyHistogram', () => {
  it('answers 0 before anything was noted', () => {
    expect(new LatencyHistogram().quantileMs(0.99)).toBe(0);
  });

  it('answers quantiles within a factor of two', () => {
    const time = fc.double({ min: 0.0005, max: 2000, noNaN: true });
    fc.assert(
      fc.property(fc.array(time, { minLength: 1 }), fc.double({ min: 0, max: 1, noNaN: true }), (times, quantile) => {
        const histogram = new LatencyHistogram();
        for (const ms of times) histogram.record(ms, 1);
        const exact = times.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(quantile * times.length) - 1)];
        const answer = histogram.quantileMs(quantile);
        expect(answer).toBeGreaterThanOrEqual(exact * 0.999);
        expect(answer).toBeLessThanOrEqual(exact * 2.001);
      }),
    );
  });

  it('weighs by the operations of a batch, and takes any time', () => {
    const histogram = new LatencyHistogram();
    histogram.record(0, 90);
    histogram.record(1, 9);
    histogram.record(1e12, 1);
    expect(histogram.quantileMs(0.5)).toBeLessThan(0.001);
    expect(histogram.quantileMs(0.95)).toBeCloseTo(1, 0);
    expect(histogram.quantileMs(1)).toBeGreaterThan(4_000);
  });
});
