import { LogLife } from './log-life.support.spec.js';

/** Seeds of one test, so that a failing one names itself among few. */
const SEEDS_PER_TEST = 40;

describe('random lives of a log', () => {
  it.each([0, 1, 2, 3, 4])('end in what was acknowledged, or a later batch: group %i of seeds', (group) => {
    const seen = { crashes: 0, checkpoints: 0, failures: 0, healings: 0 };
    for (let seed = group * SEEDS_PER_TEST; seed < (group + 1) * SEEDS_PER_TEST; seed++) {
      const life = new LogLife(seed);
      life.run(250);
      seen.crashes += life.crashes;
      seen.checkpoints += life.checkpoints;
      seen.failures += life.failures;
      seen.healings += life.healings;
    }
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(SEEDS_PER_TEST / 8);
  });
});
