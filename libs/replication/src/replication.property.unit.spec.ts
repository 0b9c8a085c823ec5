import fc from 'fast-check';
import { LIFE, newWorld, STEPS } from './life-steps.support.spec.js';

describe('links and intakes, whatever the bus and the disks do', () => {
  it('bring every replica to what its primary has, and claim nothing that is not durable there', () => {
    fc.assert(
      fc.property(LIFE, (life) => {
        const tried = newWorld();
        for (const [step, a, b] of life) STEPS[step](tried, a, b);
        expect(tried.calmDown()).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });
});
