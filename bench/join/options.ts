/** The flags of `npm run bench -- join`. */
import { parseArgs } from 'node:util';
import { integerFlag } from '../lib/flags.js';

export interface JoinOptions {
  readonly keys: number;
  /** Of the quiet time that the others are compared with. */
  readonly seconds: number;
  readonly coordinators: number;
  /** Of the highest throughput, in per cent. */
  readonly loadPercent: number;
  /** Of the load generator. */
  readonly connections: number;
  /** Partitions that move at a time; undefined: the services' own setting. */
  readonly moves: number | undefined;
  readonly check: boolean;
  readonly save: boolean;
}

export const VALUE_BYTES = 100;
const PRESET = { keys: 1_000_000, seconds: 10, coordinators: 1, load: 30, connections: 50 };

export const USAGE = `usage: npm run bench -- join [flags]

Three storage nodes and a gateway under reads and writes (80/20) on a fixed schedule; a fourth node joins, and is drained
again. Every value that is read is checked against the last write of its key that was acknowledged.

  --keys <n>           with values of ${VALUE_BYTES} bytes (${PRESET.keys})
  --seconds <n>        of quiet before the node joins (${PRESET.seconds})
  --load <percent>     of the highest throughput (${PRESET.load})
  --connections <n>    over which it is spread, each pipelined (${PRESET.connections})
  --moves <n>          rebalance.max_concurrent_moves (the services' default)
  --coordinators <n>   1, 3 or 5 (${PRESET.coordinators})
  --check              exit code 1 when a demand is missed
  --save               write bench/results/join-<day>-<commit>.json`;

/** Throws UsageError, or what parseArgs throws. */
export function parseJoinOptions(args: string[]): JoinOptions {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const counts = { keys: text, seconds: text, load: text, connections: text, moves: text, coordinators: text };
  const options = { ...counts, check: flag, save: flag };
  const { values } = parseArgs({ args, options });
  return {
    keys: integerFlag('keys', values.keys, PRESET.keys, { min: 10_000, max: 20_000_000 }),
    seconds: integerFlag('seconds', values.seconds, PRESET.seconds, { min: 1, max: 600 }),
    loadPercent: integerFlag('load', values.load, PRESET.load, { min: 1, max: 90 }),
    coordinators: integerFlag('coordinators', values.coordinators, PRESET.coordinators, { min: 1, max: 5 }),
    connections: integerFlag('connections', values.connections, PRESET.connections, { min: 1, max: 1_000 }),
    moves: values.moves === undefined ? undefined : integerFlag('moves', values.moves, 0, { min: 1, max: 64 }),
    check: values.check ?? false,
    save: values.save ?? false,
  };
}
