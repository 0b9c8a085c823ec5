/** `npm run sim -- --suite ownership`: lives of partitions among their owners, by seed. */
import { parseArgs } from 'node:util';
import { DEFAULT_OWNERSHIP_SECONDS, runOwnershipLife, type OwnershipLifeResult } from './ownership-life.js';
import { OWNERSHIP_MUTANTS, SOUND, type OwnershipMutation } from './ownership-mutants.js';

const DEFAULT_SEEDS = 100;
const MOST_SEEDS = 100_000;
const MAX_SEED = 0xffff_ffff;

export const OWNERSHIP_HELP = `npm run sim -- --suite ownership [flags]: seals, leases and promotions of two partitions among 3 to 6 machines, under faults that a
seed draws.

  --seed N          run one seed
  --seeds N         run so many random seeds (default ${DEFAULT_SEEDS}, at most ${MOST_SEEDS})
  --seconds S       simulated seconds of a life (default ${DEFAULT_OWNERSHIP_SECONDS})
  --mutant NAME     nodes with a known bug: ${OWNERSHIP_MUTANTS.map(({ name }) => name).join(', ')}
  --trace           print what happens in the life of --seed
  --help            this text

Exit code: 0 where nothing was found, 1 where something was, 2 for unknown flags.`;

/** Answers the exit code. `randomSeed` gives the seeds of a run that names none. */
export function runOwnershipCli(
  args: readonly string[],
  print: (text: string) => void,
  randomSeed: () => number,
): number {
  let values;
  try {
    const text = { type: 'string' } as const;
    const flag = { type: 'boolean' } as const;
    const options = { suite: text, seed: text, seeds: text, seconds: text, mutant: text, trace: flag, help: flag };
    ({ values } = parseArgs({ args: [...args], options }));
  } catch (error) {
    return refuse(print, (error as Error).message);
  }
  if (values.help === true) {
    print(OWNERSHIP_HELP);
    return 0;
  }
  const seed = numberOf(values.seed ?? '0', 0, MAX_SEED);
  const count = numberOf(values.seeds ?? String(values.seed === undefined ? DEFAULT_SEEDS : 1), 1, MOST_SEEDS);
  const seconds = numberOf(values.seconds ?? String(DEFAULT_OWNERSHIP_SECONDS), 10, 3_600);
  const mutation = values.mutant === undefined ? SOUND : OWNERSHIP_MUTANTS.find(({ name }) => name === values.mutant);
  if (seed === undefined) return refuse(print, `--seed ${values.seed}: use a number from 0 to ${MAX_SEED}`);
  if (count === undefined) return refuse(print, `--seeds ${values.seeds}: use a number from 1 to ${MOST_SEEDS}`);
  if (seconds === undefined) return refuse(print, `--seconds ${values.seconds}: use a number from 10 to 3600`);
  if (mutation === undefined) return refuse(print, `--mutant ${values.mutant}: there is none of this name`);
  const seeds = values.seed === undefined ? Array.from({ length: count }, randomSeed) : [seed];
  const isTold = values.trace === true && values.seed !== undefined;
  return runLives(seeds, print, { seconds, mutation, ...(isTold && { tell: print }) });
}

interface LivesOptions {
  readonly seconds: number;
  readonly mutation: OwnershipMutation;
  readonly tell?: (line: string) => void;
}

function runLives(seeds: readonly number[], print: (text: string) => void, options: LivesOptions): number {
  const results: OwnershipLifeResult[] = [];
  for (const seed of seeds) {
    const result = runOwnershipLife(seed, options);
    results.push(result);
    if (result.problem !== undefined) print(`FAILED seed ${seed} at ${result.atMs.toFixed(1)} ms: ${result.problem}`);
  }
  const total = (key: 'committed' | 'reads' | 'epochs' | 'served'): number =>
    results.reduce((sum, result) => sum + result[key], 0);
  const failed = results.filter(({ problem }) => problem !== undefined).length;
  const what = `${total('committed')} records committed, ${total('epochs')} epochs, ${total('served')} served`;
  print(`${results.length} lives, ${failed === 0 ? 'nothing found' : `${failed} failed`}; ${what}`);
  return failed === 0 ? 0 : 1;
}

function numberOf(text: string, low: number, high: number): number | undefined {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return value >= low && value <= high ? value : undefined;
}

function refuse(print: (text: string) => void, problem: string): number {
  print(`${problem}\n\n${OWNERSHIP_HELP}`);
  return 2;
}
