import fc from 'fast-check';
import { phiOf } from './phi.js';

describe('phiOf', () => {
  it.each([
    [0, 0.5, 0.001],
    [1, 0.158_655, 0.01],
    [2, 0.022_75, 0.01],
    [3, 0.001_35, 0.02],
    [5, 2.867e-7, 0.12],
  ])('is the negative logarithm of the normal tail at %d deviations', (deviations, probability, error) => {
    const phi = phiOf(500 + 100 * deviations, 500, 100);
    expect(Math.abs(phi / -Math.log10(probability) - 1)).toBeLessThan(error);
  });

  it('is finite, never negative, and never falls while the silence grows', () => {
    const ms = fc.double({ min: 0, max: 1e9, noNaN: true });
    const std = fc.double({ min: 0.5, max: 1e5, noNaN: true });
    fc.assert(
      fc.property(ms, ms, ms, std, (a, b, mean, stdMs) => {
        const [less, more] = [Math.min(a, b), Math.max(a, b)].map((silent) => phiOf(silent, mean, stdMs));
        expect(less).toBeGreaterThanOrEqual(0);
        expect(more).toBeGreaterThanOrEqual(less);
        expect(Number.isFinite(more)).toBe(true);
      }),
    );
  });
});
