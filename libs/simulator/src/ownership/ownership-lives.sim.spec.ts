import { runOwnershipLife } from './ownership-life.js';

const FIXED = 40;
const RANDOM = 10;
/** In the title of its test, so that a failure can be replayed: npm run sim -- --suite ownership --seed N. */
const RANDOM_START = Math.floor(Math.random() * 0x1_0000_0000);
const TIMEOUT_MS = 300_000;

describe('the owners of a few partitions, in trouble', () => {
  it(
    `keep their promises in ${FIXED} lives, in which much happens`,
    () => {
      const results = Array.from({ length: FIXED }, (_, i) => runOwnershipLife(i + 1));
      expect(results.filter(({ problem }) => problem !== undefined)).toEqual([]);
      const total = (key: 'committed' | 'reads' | 'epochs' | 'served'): number =>
        results.reduce((sum, result) => sum + result[key], 0);
      // The checks are worth something only where there is something to check.
      expect(total('committed')).toBeGreaterThan(FIXED * 300);
      expect(total('reads')).toBeGreaterThan(FIXED * 10_000);
      expect(total('epochs')).toBeGreaterThan(FIXED * 15);
      expect(total('served')).toBeGreaterThan(FIXED * 5);
    },
    TIMEOUT_MS,
  );

  it(
    `keep their promises in ${RANDOM} random lives, from seed ${RANDOM_START}`,
    () => {
      const seeds = Array.from({ length: RANDOM }, (_, i) => (RANDOM_START + i) % 0x1_0000_0000);
      const problems = seeds.map((seed) => runOwnershipLife(seed)).filter(({ problem }) => problem !== undefined);
      expect(problems).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it('have the same life for the same seed, told or not', () => {
    const lines: string[] = [];
    expect(runOwnershipLife(7, { tell: (line) => lines.push(line) })).toEqual(runOwnershipLife(7));
    expect(lines.some((line) => line.includes('serves epoch'))).toBe(true);
    expect(runOwnershipLife(8)).not.toEqual(runOwnershipLife(7));
  });
});
