import { drawPlan } from './life-plan.js';
import { runLife } from './life.js';
import { RAFT_MUTANTS } from './mutants.js';

const MOST_SEEDS = 500;
const SECONDS = 12;

describe('the checks find a Raft member that', () => {
  it.each(RAFT_MUTANTS.map((mutant) => [mutant.tells, mutant] as const))(
    '%s',
    (_, mutant) => {
      let seed = 1;
      while (seed <= MOST_SEEDS && runLife(drawPlan(seed, SECONDS), { mutation: mutant }).problem === undefined) seed++;
      expect(seed).toBeLessThanOrEqual(MOST_SEEDS);
    },
    300_000,
  );
});
