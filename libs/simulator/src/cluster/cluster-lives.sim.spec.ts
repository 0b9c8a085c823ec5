import { runClusterLife, type ClusterLifeResult } from './cluster-life.js';
import { drawClusterPlan } from './cluster-plan.js';

const FIXED = 30;
const RANDOM = 10;
/** In the title of its test, so that a failure can be replayed: npm run sim -- --suite cluster --seed N. */
const RANDOM_START = Math.floor(Math.random() * 0x1_0000_0000);
const TIMEOUT_MS = 900_000;

function liveFrom(start: number, count: number): ClusterLifeResult[] {
  const seeds = Array.from({ length: count }, (_, i) => (start + i) % 0x1_0000_0000);
  return seeds.map((seed) => runClusterLife(drawClusterPlan(seed)));
}

const problemsOf = (results: readonly ClusterLifeResult[]): string[] =>
  results.flatMap(({ seed, problem, atMs }) =>
    problem === undefined ? [] : [`npm run sim -- --suite cluster --seed ${seed}: ${problem} at ${atMs} ms`],
  );

describe('a cluster in trouble', () => {
  it(
    `keeps its promises in ${FIXED} lives, in which much happens`,
    () => {
      const results = liveFrom(1, FIXED);
      expect(problemsOf(results)).toEqual([]);
      type Count = Exclude<keyof ClusterLifeResult, 'problem'>;
      const total = (key: Count): number => results.reduce((sum, result) => sum + result[key], 0);
      // The checks are worth something only where there is something to check.
      expect(total('operations')).toBeGreaterThan(FIXED * 800);
      expect(total('entries')).toBeGreaterThan(FIXED * 60);
      expect(total('terms')).toBeGreaterThan(FIXED * 4);
      expect(total('moves')).toBeGreaterThan(FIXED * 8);
      expect(total('changes')).toBeGreaterThan(FIXED * 4);
      expect(total('replaced')).toBeGreaterThan(FIXED * 0.3);
      expect(total('snapshots')).toBeGreaterThan(FIXED * 0.3);
      expect(total('undecided')).toBeLessThan(FIXED * 0.2);
    },
    TIMEOUT_MS,
  );

  it(
    `keeps its promises in ${RANDOM} random lives, from seed ${RANDOM_START}`,
    () => expect(problemsOf(liveFrom(RANDOM_START, RANDOM))).toEqual([]),
    TIMEOUT_MS,
  );

  it('has the same life for the same seed, told or not', () => {
    const plan = drawClusterPlan(7, 8);
    const lines: string[] = [];
    expect(runClusterLife(plan, { tell: (line) => lines.push(line) })).toEqual(runClusterLife(plan));
    expect(lines.some((line) => line.includes('STEP'))).toBe(true);
    expect(runClusterLife(drawClusterPlan(8, 8))).not.toEqual(runClusterLife(plan));
  });
});
