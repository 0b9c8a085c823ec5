import { Bypass } from './bypass.js';

/** Looks up so many times; answers how many look-ups asked the filter. */
function lookUp(bypass: Bypass, count: number, isHit: (index: number) => boolean): number {
  let asked = 0;
  for (let i = 0; i < count; i++) {
    if (!bypass.pass()) {
      asked++;
      bypass.sample(!isHit(i));
    } else if (!isHit(i)) bypass.onMiss();
  }
  return asked;
}

describe('Bypass', () => {
  it('asks always while misses are frequent', () => {
    expect(lookUp(new Bypass(), 100_000, (i) => i % 3 === 0)).toBe(100_000);
    expect(lookUp(new Bypass(), 100_000, () => false)).toBe(100_000);
  });

  it('asks for a small part of look-ups that all hit', () => {
    const bypass = new Bypass();
    const asked = lookUp(bypass, 100_000, () => true);
    expect(asked).toBeLessThan(7_000);
    expect(asked + bypass.passed).toBe(100_000);
  });

  it('asks again soon when misses become frequent', () => {
    const bypass = new Bypass();
    lookUp(bypass, 300, () => true);
    expect(lookUp(bypass, 1_000, () => false)).toBeGreaterThan(930);
  });

  it('asks the more often the more miss', () => {
    const asked = [0, 50, 20, 8].map((missOneIn) => lookUp(new Bypass(), 100_000, (i) => i % missOneIn !== 0));
    expect(asked).toEqual(asked.toSorted((a, b) => a - b));
    expect(asked[3]).toBeLessThan(90_000);
  });
});
