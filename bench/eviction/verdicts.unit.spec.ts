import { evictionText, evictionVerdictText } from './report.js';
import { type PolicyResult, verdictsOf } from './verdicts.js';

function result(policy: string, misses: number, expectedMisses?: number): PolicyResult {
  const known = expectedMisses === undefined ? {} : { expectedMisses };
  return { trace: 't', policy, cacheBytes: 2 ** 27, requests: 100, misses, nsPerRequest: 210.4, ...known };
}

describe('the verdicts of the eviction suite', () => {
  it('demand what is published', () => {
    const verdicts = verdictsOf([result('lru', 60, 60), result('arc', 58, 59)], 'sieve');
    expect(verdicts.map(({ reached }) => reached)).toEqual([true, false]);
    expect(verdicts[1].details).toBe('58 instead of 59 at 134217728');
  });

  it.each([
    [59, 60, [true]],
    [60, 60, [false]],
    [100, 100, []],
  ])('compare the default policy with LRU: %i and %i', (own, lru, reached) => {
    const verdicts = verdictsOf([result('sieve', own), result('lru', lru)], 'sieve');
    expect(verdicts.map((one) => one.reached)).toEqual(reached);
  });

  it('say nothing where nothing was demanded', () => {
    expect(verdictsOf([result('sieve', 5)], 'sieve')).toEqual([]);
  });
});

describe('the report of the eviction suite', () => {
  it('has a row for each policy', () => {
    const lines = evictionText([result('sieve', 40), result('lru', 60)]).split('\n');
    expect(lines).toContain('t: 100 requests');
    expect(lines).toContain('sieve                  40  40.0 %             210');
  });

  it('marks what is reached', () => {
    const text = evictionVerdictText([
      { demand: 'a', reached: true, details: '' },
      { demand: 'b', reached: false, details: 'no' },
    ]);
    expect(text).toBe('PASS  a\nFAIL  b: no');
  });
});
