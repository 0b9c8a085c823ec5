import { runOwnershipLife } from './ownership-life.js';
import { OWNERSHIP_MUTANTS } from './ownership-mutants.js';

const MOST_SEEDS = 500;
const SECONDS = 10;

describe('the checks find a node that', () => {
  it.each(OWNERSHIP_MUTANTS.map((mutant) => [mutant.tells, mutant] as const))(
    '%s',
    (_, mutation) => {
      let seed = 1;
      while (seed <= MOST_SEEDS && runOwnershipLife(seed, { mutation, seconds: SECONDS }).problem === undefined) seed++;
      expect(seed).toBeLessThanOrEqual(MOST_SEEDS);
    },
    300_000,
  );
});
