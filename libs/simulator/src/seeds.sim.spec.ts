import { runSeed } from './sim-run.js';

const FIXED_SEEDS = Array.from({ length: 20 }, (_, i) => i + 1);
/** Printed, so that a failure can be replayed: npm run sim -- --seed N. */
const RANDOM_SEEDS = Array.from({ length: 5 }, () => Math.floor(Math.random() * 0x1_0000_0000));
const SECONDS = 1.5;

function findingsOf(seed: number): string {
  const { ok, findings } = runSeed({ seed, seconds: SECONDS });
  return ok ? '' : `npm run sim -- --seed ${seed} --seconds ${SECONDS}\n${findings.join('\n')}`;
}

describe('seeds', () => {
  it.each(FIXED_SEEDS)('seed %i: every answer has an explanation', (seed) => {
    expect(findingsOf(seed)).toBe('');
  });

  it.each(RANDOM_SEEDS)('random seed %i: every answer has an explanation', (seed) => {
    expect(findingsOf(seed)).toBe('');
  });

  it('replays a seed exactly', () => {
    const [first, second] = [runSeed({ seed: 77, seconds: SECONDS }), runSeed({ seed: 77, seconds: SECONDS })];
    expect(second).toEqual(first);
    expect(runSeed({ seed: 78, seconds: SECONDS }).traceHash).not.toBe(first.traceHash);
  });
});
