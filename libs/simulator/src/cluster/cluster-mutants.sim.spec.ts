import { runClusterLife } from './cluster-life.js';
import { CLUSTER_MUTANTS } from './cluster-mutants.js';
import { drawClusterPlan } from './cluster-plan.js';

const MOST_SEEDS = 500;

describe('the checks find a cluster with a process that', () => {
  it.each(CLUSTER_MUTANTS.map((mutant) => [mutant.tells, mutant] as const))(
    '%s',
    (_, mutation) => {
      let seed = 1;
      while (seed <= MOST_SEEDS && runClusterLife(drawClusterPlan(seed), { mutation }).problem === undefined) seed++;
      expect(seed).toBeLessThanOrEqual(MOST_SEEDS);
    },
    600_000,
  );
});
