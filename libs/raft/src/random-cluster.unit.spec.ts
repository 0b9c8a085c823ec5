import { runSeed } from './testing/random-run.support.spec.js';

/** More with, for example, `RAFT_SEEDS=20000 npm test -- --only unit libs/raft`. */
const SEEDS = Number(process.env.RAFT_SEEDS ?? 200);

describe('a Raft group in trouble', () => {
  it(`keeps its promises in ${SEEDS} random lives`, () => {
    const totals = { committed: 0, reads: 0, terms: 0, snapshots: 0 };
    const problems: string[] = [];
    for (let seed = 1; seed <= SEEDS; seed++) {
      const result = runSeed(seed);
      if (result.problem !== undefined)
        problems.push(`seed ${seed} at ${result.atMs.toFixed(1)} ms: ${result.problem}`);
      for (const key of ['committed', 'reads', 'terms', 'snapshots'] as const) totals[key] += result[key];
    }
    expect(problems).toEqual([]);
    // The checks are worth something only where much happens.
    expect(totals.committed).toBeGreaterThan(SEEDS * 50);
    expect(totals.reads).toBeGreaterThan(SEEDS * 15);
    expect(totals.terms).toBeGreaterThan(SEEDS * 3);
    expect(totals.snapshots).toBeGreaterThan(SEEDS * 0.2);
    if (process.env.RAFT_SEEDS !== undefined) console.log(totals);
  }, 3_600_000);

  it('gives the same life for the same seed', () => {
    expect(runSeed(7)).toEqual(runSeed(7));
  });
});
