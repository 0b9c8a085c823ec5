/** `npm run sim -- --suite raft` or `cluster`: lives, many seeds on several threads, and what was found in them. */
import { parseArgs } from 'node:util';
import { LifeTotals, reportFailure, transcriptOf } from './life-report.js';
import { LifeResults, type LifeRecord } from './life-results.js';
import type { AnyPlan, LifeSuite } from './life-suite.js';
import { runLives } from './life-threads.js';

const DEFAULT_SEEDS = 20;
const MUTANT_SEEDS = 500;
const MAX_SEED = 0xffff_ffff;
const MAX_SEEDS = 10_000_000;
const MAX_WORKERS = 64;
const PROGRESS_MS = 2_000;
/** For so many failures a short history is looked for. */
const SHRUNK_FAILURES = 3;
export function helpOf<P extends AnyPlan>({ name, tells, defaultSeconds, mutants }: LifeSuite<P>): string {
  return `npm run sim -- --suite ${name} [flags]: ${tells}.

  --seeds N|A..B    the seeds 1 to N, or A to B (default: ${DEFAULT_SEEDS} random ones)
  --seed N          one seed
  --trace           with --seed: print everything that happens
  --seconds S       simulated seconds of each life (default ${defaultSeconds})
  --workers N       threads (default 1)
  --results FOLDER  where results are kept; seeds that passed are skipped (default ${folderOf(name)})
  --again           skip nothing
  --mutant NAME     with a known bug, until it is caught (default seeds 1 to ${MUTANT_SEEDS}):
${mutants.map((mutant) => `                      ${mutant.name.padEnd(28)} ${mutant.tells}`).join('\n')}
  --help            this text

Exit code: 0 where nothing was found (with --mutant: where it was caught), 1 where something was, 2 for unknown flags.`;
}

function folderOf(name: string): string {
  return `.cache/sim-${name}`;
}

export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export interface LivesCliPorts {
  print(text: string): void;
  randomSeed(): number;
  nowMs(): number;
}

interface Settings<P extends AnyPlan> {
  readonly suite: LifeSuite<P>;
  readonly seeds: readonly number[];
  readonly seconds: number;
  readonly workers: number;
  readonly folder: string;
  readonly again: boolean;
  readonly mutant: string;
  readonly trace: boolean;
}

export async function runLivesCli<P extends AnyPlan>(
  suite: LifeSuite<P>,
  args: readonly string[],
  ports: LivesCliPorts,
): Promise<number> {
  try {
    const { values } = parseArgs({ args: [...args], options: FLAGS });
    if (values.help === true) return done(ports, helpOf(suite));
    const settings = settingsOf(suite, values, () => ports.randomSeed());
    return settings.trace ? trace(settings, ports) : await runAll(settings, ports);
  } catch (error) {
    if (!(error instanceof UsageError) && !isArgumentError(error)) throw error;
    ports.print(`${(error as Error).message}\n\n${helpOf(suite)}`);
    return 2;
  }
}

const FLAGS = {
  suite: { type: 'string' },
  seed: { type: 'string' },
  seeds: { type: 'string' },
  seconds: { type: 'string' },
  workers: { type: 'string' },
  results: { type: 'string' },
  mutant: { type: 'string' },
  again: { type: 'boolean' },
  trace: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

type Flags = { readonly [K in keyof typeof FLAGS]?: (typeof FLAGS)[K]['type'] extends 'string' ? string : boolean };

function done(ports: LivesCliPorts, text: string): number {
  ports.print(text);
  return 0;
}

function isArgumentError(error: unknown): boolean {
  return String((error as { readonly code?: unknown }).code).startsWith('ERR_PARSE_ARGS');
}

function settingsOf<P extends AnyPlan>(suite: LifeSuite<P>, flags: Flags, randomSeed: () => number): Settings<P> {
  const { mutant = '', results = folderOf(suite.name) } = flags;
  if (mutant !== '' && !suite.mutants.some(({ name }) => name === mutant)) {
    throw new UsageError(`--mutant ${mutant}: there is none of this name`);
  }
  if (flags.trace === true && flags.seed === undefined) throw new UsageError('--trace: needs --seed N');
  return {
    suite,
    seeds: seedsOf(flags, mutant, randomSeed),
    seconds: numberOf('seconds', flags.seconds, suite.defaultSeconds, suite.leastSeconds, 3_600),
    workers: numberOf('workers', flags.workers, 1, 1, MAX_WORKERS),
    folder: results,
    again: flags.again === true,
    mutant,
    trace: flags.trace === true,
  };
}

function numberOf(flag: string, text: string | undefined, preset: number, min: number, max: number): number {
  if (text === undefined) return preset;
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= min && value <= max)) throw new UsageError(`--${flag} ${text}: use a number from ${min} to ${max}`);
  return value;
}

function seedsOf({ seed, seeds }: Flags, mutant: string, randomSeed: () => number): readonly number[] {
  if (seed !== undefined) return [numberOf('seed', seed, 0, 0, MAX_SEED)];
  if (seeds === undefined) {
    return mutant === '' ? Array.from({ length: DEFAULT_SEEDS }, randomSeed) : range(1, MUTANT_SEEDS);
  }
  const [first, last, ...rest] = seeds.split('..');
  if (rest.length > 0) throw new UsageError(`--seeds ${seeds}: use N or A..B`);
  if (last === undefined) return range(1, numberOf('seeds', first, 0, 1, MAX_SEEDS));
  const from = numberOf('seeds', first, 0, 0, MAX_SEED);
  return range(from, numberOf('seeds', last, 0, from, Math.min(MAX_SEED, from + MAX_SEEDS)));
}

function range(first: number, last: number): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

function trace<P extends AnyPlan>({ suite, seeds, seconds, mutant }: Settings<P>, { print }: LivesCliPorts): number {
  const lines = transcriptOf(suite, suite.draw(seeds[0], seconds), mutant);
  print(lines.join('\n'));
  return lines.at(-1)?.includes('VIOLATION') === true ? 1 : 0;
}

async function runAll<P extends AnyPlan>(settings: Settings<P>, ports: LivesCliPorts): Promise<number> {
  const { suite, seconds, workers, folder, again, mutant } = settings;
  const { version } = suite;
  const results = new LifeResults(folder);
  // A mutant is to be caught, every time.
  const passed = again || mutant !== '' ? new Set<number>() : results.passed({ version, seconds, mutant });
  const seeds = settings.seeds.filter((seed) => !passed.has(seed));
  if (seeds.length < settings.seeds.length) {
    ports.print(`${settings.seeds.length - seeds.length} seeds passed before (--again runs them again)`);
  }
  const totals = new LifeTotals(suite.counts);
  const failures: LifeRecord[] = [];
  const startedMs = ports.nowMs();
  let toldMs = startedMs;
  await runLives(suite, seeds, { suite: suite.name, seconds, mutant }, workers, (record) => {
    totals.add(record);
    results.add(record);
    if (record.problem !== undefined) failures.push(record);
    if (ports.nowMs() - toldMs >= PROGRESS_MS) {
      toldMs = ports.nowMs();
      ports.print(totals.progress(seeds.length, toldMs - startedMs));
    }
    return mutant === '' || failures.length === 0;
  });
  const elapsedMs = ports.nowMs() - startedMs;
  for (const [at, record] of failures.entries()) {
    if (at < SHRUNK_FAILURES) tellFailure(record, settings, results, ports);
    else ports.print(`FAILED seed ${record.seed}: ${record.problem}`);
  }
  ports.print(totals.summary(elapsedMs));
  if (mutant === '') return failures.length === 0 ? 0 : 1;
  ports.print(failures.length === 0 ? `${mutant} was NOT caught` : `${mutant} was caught by seed ${failures[0].seed}`);
  return failures.length === 0 ? 1 : 0;
}

function tellFailure<P extends AnyPlan>(
  record: LifeRecord,
  settings: Settings<P>,
  results: LifeResults,
  { print }: LivesCliPorts,
): void {
  const { printed, history } = reportFailure(settings.suite, record, settings);
  print(printed);
  const name = `seed-${record.seed}${settings.mutant === '' ? '' : `-${settings.mutant}`}.txt`;
  print(`the whole history: ${results.saveHistory(name, history)}`);
}
