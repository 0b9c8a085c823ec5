import { drawPlan } from './life-plan.js';
import { runLife } from './life.js';

const FIXED = 60;
const RANDOM = 20;
/** In the title of its test, so that a failure can be replayed: npm run sim -- --suite raft --seed N. */
const RANDOM_START = Math.floor(Math.random() * 0x1_0000_0000);
const TIMEOUT_MS = 600_000;

function problemsOf(seeds: readonly number[]): string[] {
  return seeds.flatMap((seed) => {
    const { problem, atMs } = runLife(drawPlan(seed));
    return problem === undefined ? [] : [`npm run sim -- --suite raft --seed ${seed}: ${problem} at ${atMs} ms`];
  });
}

describe('a Raft group in trouble', () => {
  it(
    `keeps its promises in ${FIXED} lives, in which much happens`,
    () => {
      const results = Array.from({ length: FIXED }, (_, i) => runLife(drawPlan(i + 1)));
      expect(results.filter(({ problem }) => problem !== undefined)).toEqual([]);
      const total = (key: 'committed' | 'reads' | 'terms' | 'snapshots' | 'rejoined'): number =>
        results.reduce((sum, result) => sum + result[key], 0);
      // The checks are worth something only where there is something to check.
      expect(total('committed')).toBeGreaterThan(FIXED * 500);
      expect(total('reads')).toBeGreaterThan(FIXED * 300);
      expect(total('terms')).toBeGreaterThan(FIXED * 25);
      expect(total('snapshots')).toBeGreaterThan(FIXED * 0.5);
      expect(total('rejoined')).toBeGreaterThan(FIXED);
    },
    TIMEOUT_MS,
  );

  it(
    `keeps its promises in ${RANDOM} random lives, from seed ${RANDOM_START}`,
    () => {
      const seeds = Array.from({ length: RANDOM }, (_, i) => (RANDOM_START + i) % 0x1_0000_0000);
      expect(problemsOf(seeds)).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it('has the same life for the same seed, told or not', () => {
    const plan = drawPlan(7, 20);
    const lines: string[] = [];
    expect(runLife(plan, { tell: (line) => lines.push(line) })).toEqual(runLife(plan));
    expect(lines.some((line) => line.includes('is leader in term'))).toBe(true);
    expect(runLife(drawPlan(8, 20))).not.toEqual(runLife(plan));
  });
});
