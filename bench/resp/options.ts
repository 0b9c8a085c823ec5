/** The flags of `npm run bench -- resp`. */
import { parseArgs } from 'node:util';
import { choicesFlag, integerFlag, integersFlag } from '../lib/flags.js';

export const TARGETS = ['redis', 'standalone', 'cluster'] as const;
export type TargetName = (typeof TARGETS)[number];

export interface RespOptions {
  /** Per run without pipelining; deeper pipelines send more, see {@link requestsAt}. */
  readonly requests: number;
  readonly pipelines: readonly number[];
  readonly targets: readonly TargetName[];
  readonly clients: number;
  readonly valueBytes: number;
  readonly keys: number;
  readonly rounds: number;
  /** How long the targets rest before their idle use is read. */
  readonly idleMs: number;
  /** How often a storage node is started to time it; 0: not at all. */
  readonly starts: number;
  readonly check: boolean;
  readonly save: boolean;
}

const FULL: RespOptions = {
  requests: 200_000,
  pipelines: [1, 16, 64],
  targets: TARGETS,
  clients: 50,
  valueBytes: 100,
  keys: 100_000,
  rounds: 3,
  idleMs: 8_000,
  starts: 5,
  check: false,
  save: true,
};
const QUICK: RespOptions = {
  ...FULL,
  requests: 20_000,
  keys: 20_000,
  rounds: 1,
  idleMs: 2_000,
  starts: 2,
  save: false,
};
/** Some 20 seconds. */
export const SMOKE: RespOptions = { ...QUICK, pipelines: [1, 16], idleMs: 1_000, starts: 0 };

/** Runs at all depths take about as long as one another. */
const MAX_GROWTH = 8;
export const requestsAt = (options: RespOptions, pipeline: number): number =>
  options.requests * Math.min(pipeline, MAX_GROWTH);

const MAX_COUNT = 1_000_000_000;

export const USAGE = `usage: npm run bench -- resp [flags]

Loads redis-server, HyperCache standalone and a HyperCache cluster (1 gateway, 1 storage node, 1 coordinator, nats-server)
with redis-benchmark in turn, and compares them.

  --requests <n>       per run at pipeline depth 1; up to ${MAX_GROWTH} times as many at deeper ones (${FULL.requests})
  --pipelines <n,...>  depths (${FULL.pipelines.join()})
  --targets <t,...>    some of ${TARGETS.join()} (all)
  --clients <n>        connections (${FULL.clients})
  --size <bytes>       of a value (${FULL.valueBytes})
  --keys <n>           different keys (${FULL.keys})
  --rounds <n>         runs of which the median counts (${FULL.rounds})
  --quick              less of everything: for a look, not for figures
  --check              exit code 1 when a demanded ratio is not reached
  --save, --no-save    write bench/results/resp-<day>-<commit>.json (default: yes, with --quick no)`;

/** Throws UsageError, or what parseArgs throws. */
export function parseRespOptions(args: string[]): RespOptions {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const { values } = parseArgs({
    args,
    allowNegative: true,
    options: {
      requests: text,
      pipelines: text,
      targets: text,
      clients: text,
      size: text,
      keys: text,
      rounds: text,
      quick: flag,
      check: flag,
      save: flag,
    },
  });
  const preset = values.quick === true ? QUICK : FULL;
  return {
    ...preset,
    requests: integerFlag('requests', values.requests, preset.requests, { min: 100, max: MAX_COUNT }),
    pipelines: integersFlag('pipelines', values.pipelines, preset.pipelines, { min: 1, max: 10_000 }),
    targets: choicesFlag('targets', values.targets, TARGETS),
    clients: integerFlag('clients', values.clients, preset.clients, { min: 1, max: 10_000 }),
    valueBytes: integerFlag('size', values.size, preset.valueBytes, { min: 1, max: 2 ** 26 }),
    keys: integerFlag('keys', values.keys, preset.keys, { min: 1, max: MAX_COUNT }),
    rounds: integerFlag('rounds', values.rounds, preset.rounds, { min: 1, max: 1_000 }),
    check: values.check ?? preset.check,
    save: values.save ?? preset.save,
  };
}
