import { LoadResults } from './load-results.js';

describe('LoadResults', () => {
  it('counts in a window what was due in it', () => {
    const results = new LoadResults();
    for (let i = 1; i <= 1_000; i++) results.add(1_000 + i, i);
    results.add(5_000, 9);
    expect(results.window(1_001, 2_001)).toEqual({
      operations: 1_000,
      p50Ms: 500,
      p99Ms: 990,
      p999Ms: 999,
      maxMs: 1_000,
    });
    expect(results.window(5_000, 5_001)).toMatchObject({ operations: 1, p50Ms: 9, maxMs: 9 });
    expect(() => results.window(3_000, 4_000)).toThrow('no operation was due');
  });

  it('keeps more than it has room for at first', () => {
    const results = new LoadResults();
    const count = (1 << 20) + 10;
    for (let i = 0; i < count; i++) results.add(i, 1);
    expect(results.window(0, count).operations).toBe(count);
  });

  it('counts failures by kind, and shows the first wrong values', () => {
    const results = new LoadResults();
    results.fail('TRYAGAIN');
    results.fail('TRYAGAIN');
    for (let i = 0; i < 20; i++) results.addWrong(`key ${i}`);
    results.addMissing('key 7 is gone');
    const { failed, wrong, missing, examples } = results.failures;
    expect({ failed, wrong, missing }).toEqual({ failed: { TRYAGAIN: 2 }, wrong: 20, missing: 1 });
    expect(examples).toHaveLength(8);
  });
});
