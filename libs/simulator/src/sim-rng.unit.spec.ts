import { SimRng } from './sim-rng.js';

const draw = (rng: SimRng): number[] => Array.from({ length: 20 }, () => rng.nextU32());

describe('randomness from a seed', () => {
  it('is the same for one seed and different for another', () => {
    expect(draw(new SimRng(5))).toEqual(draw(new SimRng(5)));
    expect(draw(new SimRng(5))).not.toEqual(draw(new SimRng(6)));
  });

  it('forks by label, whatever has been drawn before', () => {
    const used = new SimRng(5);
    draw(used);
    expect(draw(used.fork('a'))).toEqual(draw(new SimRng(5).fork('a')));
    expect(draw(used.fork('a'))).not.toEqual(draw(used.fork('b')));
    expect(draw(new SimRng(5).fork('a'))).not.toEqual(draw(new SimRng(6).fork('a')));
  });

  it('keeps to its bounds', () => {
    const rng = new SimRng(1);
    const seen = new Set<number>();
    for (let i = 0; i < 500; i++) {
      seen.add(rng.below(5));
      const between = rng.between(-2, 3);
      expect(between >= -2 && between < 3).toBe(true);
    }
    expect([...seen].sort()).toEqual([0, 1, 2, 3, 4]);
    expect(rng.chance(0)).toBe(false);
    expect(rng.chance(1)).toBe(true);
    expect(() => rng.below(0)).toThrow('positive');
  });
});
