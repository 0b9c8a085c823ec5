import type { Run, TestName } from './measure.js';
import type { TargetName } from './options.js';
import { ratiosOf, summarize, verdictsOf } from './summary.js';

function run(target: TargetName, test: TestName, opsPerSecond: number, cpu: number, round = 1, pipeline = 1): Run {
  const times = { averageMs: 1, p50Ms: round, p95Ms: 3, p99Ms: 10 * round, maxMs: 99 };
  return { pipeline, round, target, test, opsPerSecond, ...times, cpuMicrosPerRequest: { server: cpu } };
}

describe('the summary of runs', () => {
  it('is the median of the rounds, per depth, target and test', () => {
    const runs = [1, 3, 2].flatMap((round) => [
      run('redis', 'set', 1_000 * round, round, round),
      run('redis', 'get', 7, 1, round),
    ]);
    expect(summarize([...runs, run('redis', 'set', 5, 1, 1, 16)])).toEqual([
      {
        pipeline: 1,
        target: 'redis',
        test: 'set',
        opsPerSecond: 2_000,
        spread: 1,
        p50Ms: 2,
        p99Ms: 20,
        cpuMicrosPerRequest: { server: 2 },
      },
      expect.objectContaining({ pipeline: 1, test: 'get', opsPerSecond: 7, spread: 0 }),
      expect.objectContaining({ pipeline: 16, test: 'set', opsPerSecond: 5 }),
    ]);
  });
});

describe('ratios', () => {
  const redis = [run('redis', 'set', 100, 1), run('redis', 'get', 200, 1)];

  it('relate to redis-server at the same depth', () => {
    const deeper = [run('redis', 'set', 1_000, 1, 1, 16), run('redis', 'get', 1_000, 1, 1, 16)];
    const own = [run('cluster', 'set', 90, 1), run('cluster', 'get', 80, 1)];
    expect(ratiosOf(summarize([...redis, ...deeper, ...own]))).toEqual([
      { pipeline: 1, target: 'cluster', set: 0.9, get: 0.4, geometricMean: expect.closeTo(0.6, 9) },
    ]);
  });

  it('are not there without redis-server, or without one of the tests', () => {
    expect(ratiosOf(summarize([run('cluster', 'set', 1, 1), run('cluster', 'get', 1, 1)]))).toEqual([]);
    expect(ratiosOf(summarize([...redis, run('cluster', 'set', 1, 1)]))).toEqual([]);
  });
});

describe('verdicts', () => {
  const ratio = (target: TargetName, pipeline: number, mean: number) => {
    return { target, pipeline, set: mean, get: mean, geometricMean: mean };
  };

  it('say whether what is demanded was reached, for what was measured', () => {
    const ratios = [ratio('standalone', 1, 0.9), ratio('standalone', 64, 0.1), ratio('cluster', 16, 0.3999)];
    expect(verdictsOf(ratios)).toEqual([
      { target: 'standalone', pipeline: 1, atLeast: 0.9, measured: 0.9, reached: true },
      { target: 'cluster', pipeline: 16, atLeast: 0.4, measured: 0.3999, reached: false },
    ]);
  });
});
