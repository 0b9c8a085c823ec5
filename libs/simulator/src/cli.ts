/** `npm run sim`: runs seeds and scenarios and says what was found, in a form that can be replayed. */
import { parseArgs } from 'node:util';
import { formatLogLine } from './sim-log.js';
import { SCENARIOS } from './scenarios.js';
import { runScenario } from './stage.js';
import { DEFAULT_SECONDS, runSeed, type SimReport } from './sim-run.js';

export const HELP = `npm run sim -- [flags]: runs the production hosts in virtual time, under faults that a seed draws.

  --seed N          run one seed
  --seeds A..B      run the seeds from A to B
  --seconds S       simulated seconds under load and faults (default ${DEFAULT_SECONDS})
  --coordinators N  coordinators in these runs (default: one or three, as the seed says)
  --scenario NAME   run one named scenario
  --list            list the scenarios
  --verbose         print every line that the simulated processes log
  --suite cluster   whole clusters, long lives and operators, with flags of their own: npm run sim -- --suite cluster --help
  --suite raft      Raft groups alone, with flags of their own: npm run sim -- --suite raft --help
  --suite ownership seals, leases and promotions alone: npm run sim -- --suite ownership --help
  --help            this text

Without a seed or a scenario it runs 20 seeds, random ones that it prints, and all scenarios. A seed gives the same run each
time, as the trace hash shows. Exit code: 0 where nothing was found, 1 where something was, 2 for unknown flags.`;

const DEFAULT_RUNS = 20;
const MAX_SEED = 0xffff_ffff;

interface Settings {
  readonly seeds: readonly number[];
  readonly scenarios: readonly string[];
  readonly seconds: number;
  /** Undefined: as the seed says. */
  readonly coordinators: number | undefined;
  readonly verbose: boolean;
}

class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Answers the exit code. `randomSeed` gives the seeds of a run that names none. */
export function runCli(
  args: readonly string[],
  print: (text: string) => void,
  randomSeed: () => number,
  simulate: typeof runSeed = runSeed,
): number {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        seed: { type: 'string' },
        seeds: { type: 'string' },
        seconds: { type: 'string' },
        coordinators: { type: 'string' },
        scenario: { type: 'string' },
        list: { type: 'boolean' },
        verbose: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    });
    if (values.help === true) return done(print, HELP);
    if (values.list === true)
      return done(print, SCENARIOS.map(({ name, promise }) => `${name}\n    ${promise}`).join('\n'));
    return runAll(settingsOf(values, randomSeed), print, simulate);
  } catch (error) {
    if (!(error instanceof UsageError) && !isArgumentError(error)) throw error;
    print(`${(error as Error).message}\n\n${HELP}`);
    return 2;
  }
}

function done(print: (text: string) => void, text: string): number {
  print(text);
  return 0;
}

function isArgumentError(error: unknown): boolean {
  return String((error as { readonly code?: unknown }).code).startsWith('ERR_PARSE_ARGS');
}

interface Flags {
  readonly seed?: string;
  readonly seeds?: string;
  readonly seconds?: string;
  readonly coordinators?: string;
  readonly scenario?: string;
  readonly verbose?: boolean;
}

function settingsOf(
  { seed, seeds, seconds, coordinators, scenario, verbose }: Flags,
  randomSeed: () => number,
): Settings {
  const duration = seconds === undefined ? DEFAULT_SECONDS : Number(seconds);
  if (!(duration > 0 && duration <= 3_600))
    throw new UsageError(`--seconds ${seconds}: use more than 0 and at most 3600`);
  if (coordinators !== undefined && !/^[1-7]$/.test(coordinators))
    throw new UsageError(`--coordinators ${coordinators}: use 1 to 7`);
  if (scenario !== undefined && !SCENARIOS.some(({ name }) => name === scenario)) {
    throw new UsageError(`--scenario ${scenario}: there is none of this name; --list shows all`);
  }
  const named = [...(seed === undefined ? [] : [seedOf(seed)]), ...(seeds === undefined ? [] : rangeOf(seeds))];
  const isOpen = named.length === 0 && scenario === undefined;
  return {
    seeds: isOpen ? Array.from({ length: DEFAULT_RUNS }, randomSeed) : named,
    scenarios: isOpen ? SCENARIOS.map(({ name }) => name) : scenario === undefined ? [] : [scenario],
    seconds: duration,
    coordinators: coordinators === undefined ? undefined : Number(coordinators),
    verbose: verbose === true,
  };
}

function seedOf(text: string): number {
  const seed = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(seed <= MAX_SEED)) throw new UsageError(`"${text}" is no seed: use a number from 0 to ${MAX_SEED}`);
  return seed;
}

function rangeOf(text: string): number[] {
  const [first, last, ...rest] = text.split('..').map(seedOf);
  if (last === undefined || rest.length > 0 || last < first) throw new UsageError(`--seeds ${text}: use A..B`);
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

function runAll(settings: Settings, print: (text: string) => void, simulate: typeof runSeed): number {
  const { seeds, scenarios, seconds, coordinators, verbose } = settings;
  const shape = coordinators === undefined ? {} : { settings: { coordinators } };
  let failed = 0;
  for (const name of scenarios) if (!printScenario(name, print)) failed++;
  for (const seed of seeds) {
    const report = simulate({
      seed,
      seconds,
      ...shape,
      ...(verbose && { onLogLine: (line) => print(formatLogLine(line)) }),
    });
    print(summaryOf(report));
    if (report.ok) continue;
    failed++;
    print(detailsOf(report, settings));
  }
  const total = seeds.length + scenarios.length;
  if (total > 1) print(failed === 0 ? `${total} runs, nothing found` : `${failed} of ${total} runs failed`);
  return failed === 0 ? 0 : 1;
}

function printScenario(name: string, print: (text: string) => void): boolean {
  const scenario = SCENARIOS.find((each) => each.name === name);
  const findings = scenario === undefined ? [] : runScenario(scenario);
  print(`${findings.length === 0 ? 'ok    ' : 'FAILED'} scenario ${name}`);
  if (findings.length > 0)
    print([...findings, `replay: npm run sim -- --scenario ${name}`].map((line) => `  ${line}`).join('\n'));
  return findings.length === 0;
}

function summaryOf({
  ok,
  seed,
  simulatedSeconds,
  operations,
  faults,
  moves,
  traceHash,
  undecidedKeys,
}: SimReport): string {
  const counts = `${operations.ok} operations answered, ${operations.failed} refused, ${operations.unknown} unknown`;
  const undecided = undecidedKeys.length === 0 ? '' : `, not judged: ${undecidedKeys.join(' ')}`;
  const world = `${simulatedSeconds.toFixed(1)} s, ${counts}, ${faults.length} faults, ${moves} moves`;
  return `${ok ? 'ok    ' : 'FAILED'} seed ${seed}: ${world}, trace ${traceHash}${undecided}`;
}

function detailsOf({ seed, findings, faults, log, histories }: SimReport, { seconds, coordinators }: Settings): string {
  const flags =
    (seconds === DEFAULT_SECONDS ? '' : ` --seconds ${seconds}`) +
    (coordinators === undefined ? '' : ` --coordinators ${coordinators}`);
  const indent = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`);
  return [
    'faults:',
    ...indent(faults),
    'last log lines:',
    ...indent(log),
    ...histories,
    'found:',
    ...indent(findings),
    `replay: npm run sim -- --seed ${seed}${flags}`,
  ].join('\n');
}
