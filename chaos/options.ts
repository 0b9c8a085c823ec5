/** The flags of `npm run chaos`. */
import { randomInt } from 'node:crypto';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { choicesFlag, integerFlag, UsageError } from '../bench/lib/flags.js';
import { inRoot } from '../bench/lib/root.js';
import { DEFAULT_KINDS, FAULT_KINDS, type FaultKind } from './nemesis/fault.js';

export interface ChaosOptions {
  readonly minutes: number;
  readonly seed: number;
  readonly faults: readonly FaultKind[];
  readonly storage: number;
  readonly coordinators: number;
  readonly gateways: number;
  readonly keys: number;
  readonly clients: number;
  /** An absolute path. */
  readonly results: string;
}

const PRESET = { minutes: 5, storage: 3, coordinators: 3, gateways: 2, keys: 64, clients: 16 };
const MAX_SEED = 0xffff_ffff;
const MAX_MINUTES = 24 * 60;
const MAX_PROCESSES = 16;

export const USAGE = `usage: npm run chaos -- [flags]

A cluster of real processes over a real nats-server, under load and faults that a seed draws. In the end everything is healed,
every key is read, and the recorded history is judged: linearizability of every key, no acknowledged write lost.

  --minutes <n>        of load and faults, 0.1 for six seconds (${PRESET.minutes})
  --seed <n>           what the faults and the load are drawn from (a random one, which is printed)
  --faults <list>      of ${FAULT_KINDS.join(', ')} (${DEFAULT_KINDS.join(', ')});
                       partition and disk need Linux with namespaces, and root or namespaces for users
  --storage <n>        storage nodes; one more joins and leaves (${PRESET.storage})
  --coordinators <n>   1, 3 or 5 (${PRESET.coordinators})
  --gateways <n>       (${PRESET.gateways})
  --keys <n>           a quarter of them counters (${PRESET.keys})
  --clients <n>        connections, spread over the gateways (${PRESET.clients})
  --results <folder>   for the history, the faults, the report and the logs (data/chaos/<time>-<seed>)
  --help               this text

HC_* variables reach the services: HC_APPENDFSYNC=always npm run chaos. With HC_PERSISTENCE=false kills lose acknowledged
writes, and the run must fail. Exit code: 0 where nothing was found, 1 where something was, 2 where it cannot run.`;

/** Throws UsageError, or what parseArgs throws. */
export function parseChaosOptions(args: string[], now = new Date()): ChaosOptions {
  const text = { type: 'string' } as const;
  const counts = { storage: text, coordinators: text, gateways: text, keys: text, clients: text };
  const { values } = parseArgs({
    args,
    options: { minutes: text, seed: text, faults: text, results: text, ...counts },
  });
  const count = (flag: keyof typeof counts, min: number, max: number): number =>
    integerFlag(flag, values[flag], PRESET[flag], { min, max });
  const seed = integerFlag('seed', values.seed, randomInt(MAX_SEED), { min: 0, max: MAX_SEED });
  return {
    minutes: minutesOf(values.minutes),
    seed,
    faults: choicesFlag('faults', values.faults ?? DEFAULT_KINDS.join(), FAULT_KINDS),
    storage: count('storage', 1, MAX_PROCESSES),
    coordinators: count('coordinators', 1, 5),
    gateways: count('gateways', 1, MAX_PROCESSES),
    keys: count('keys', 4, 10_000),
    clients: count('clients', 1, 1_000),
    results: values.results === undefined ? defaultFolder(seed, now) : resolve(values.results),
  };
}

/** The command that repeats the run, without its place for results. */
export function repetitionOf(options: ChaosOptions): string {
  const { seed, minutes, faults } = options;
  const counts = (['storage', 'coordinators', 'gateways', 'keys', 'clients'] as const)
    .filter((name) => options[name] !== PRESET[name])
    .map((name) => ` --${name} ${options[name]}`);
  const kinds = faults.join() === DEFAULT_KINDS.join() ? '' : ` --faults ${faults.join()}`;
  return `npm run chaos -- --seed ${seed} --minutes ${minutes}${kinds}${counts.join('')}`;
}

function minutesOf(text: string | undefined): number {
  if (text === undefined) return PRESET.minutes;
  const minutes = /^\d{1,4}(\.\d{1,3})?$/.test(text) ? Number(text) : Number.NaN;
  if (minutes > 0 && minutes <= MAX_MINUTES) return minutes;
  throw new UsageError(`--minutes ${text}: allowed is a number above 0 and up to ${MAX_MINUTES}`);
}

/** `data/chaos/2026-01-31T12-00-00-17` */
function defaultFolder(seed: number, now: Date): string {
  const time = now.toISOString().slice(0, 19).replaceAll(':', '-');
  return inRoot(join('data', 'chaos', `${time}-${seed}`));
}
