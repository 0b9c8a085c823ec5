import { runSeed } from './testing/random-run.support.spec.js';
import type { Sabotage } from './testing/virtual-cluster.support.spec.js';

const MOST_SEEDS = 500;

/** Nodes with a known bug: checks that do not find them are worth nothing. */
const MUTANTS: Readonly<Record<string, Sabotage>> = {
  'does not write its vote': { keep: ({ term }) => ({ term, vote: 0 }) },
  'does not write its term': { keep: () => ({ term: 0, vote: 0 }) },
  'commits an entry of an old term by counting copies': { rules: { mayCommit: () => true } },
  'votes for candidates with shorter logs': { rules: { isUpToDate: () => true } },
  'begins elections without asking first': { rules: { asksBeforeElections: false } },
  'installs a snapshot over a newer log': { rules: { isSnapshotOld: () => false } },
  'reads by a lease that has ended': { rules: { isPromiseAlive: () => true } },
};

describe('the checks find a node that', () => {
  it.each(Object.entries(MUTANTS))(
    '%s',
    (_, sabotage) => {
      let seed = 1;
      while (seed <= MOST_SEEDS && runSeed(seed, sabotage).problem === undefined) seed++;
      expect(seed).toBeLessThanOrEqual(MOST_SEEDS);
    },
    300_000,
  );
});
