import { MUTANTS } from './mutants.js';
import { runSeed } from './sim-run.js';

const MOST_SEEDS = 100;
const SECONDS = 2;

describe('the checkers', () => {
  it.each(MUTANTS.map((mutant) => [mutant.name, mutant] as const))(
    'find a %s',
    (_name, { make }) => {
      let seed = 1;
      while (seed <= MOST_SEEDS && runSeed({ seed, seconds: SECONDS, sabotage: make() }).ok) seed++;
      expect(seed).toBeLessThanOrEqual(MOST_SEEDS);
    },
    120_000,
  );
});
