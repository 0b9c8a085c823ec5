/** The flags of `npm run bench -- memory-pauses`. */
import { parseArgs } from 'node:util';
import { choicesFlag, integerFlag } from '../lib/flags.js';
import { MAX_KEYS } from '../memory/load-template.js';
import { PHASES, type PhaseName } from './measurement.js';

export interface PausesOptions {
  readonly phases: readonly PhaseName[];
  readonly keys: number;
  readonly limitBytes: number;
  readonly operations: number;
  readonly rounds: number;
  readonly save: boolean;
}

const FULL = { keys: 4_000_000, mebibytes: 512, operations: 2_000_000, rounds: 5, save: true };
const QUICK = { keys: 200_000, mebibytes: 32, operations: 100_000, rounds: 3, save: false };

export const USAGE = `usage: npm run bench -- memory-pauses [flags]

How long single operations of the engine take while it grows, evicts and expires.

  --phases <p,...>     some of ${PHASES.join()} (all)
  --keys <n>           that are inserted, or expire (${FULL.keys})
  --mebibytes <n>      limit of the store that evicts (${FULL.mebibytes})
  --operations <n>     sets into that store (${FULL.operations})
  --rounds <n>         (${FULL.rounds})
  --quick              ${QUICK.keys} keys, ${QUICK.mebibytes} MiB, ${QUICK.operations} operations, ${QUICK.rounds} rounds: for a look, not for figures
  --save, --no-save    write bench/results/memory-pauses-<day>-<commit>.json (default: yes, with --quick no)`;

/** Throws UsageError, or what parseArgs throws. */
export function parsePausesOptions(args: string[]): PausesOptions {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const { values } = parseArgs({
    args,
    allowNegative: true,
    options: {
      phases: text,
      keys: text,
      mebibytes: text,
      operations: text,
      rounds: text,
      quick: flag,
      save: flag,
    },
  });
  const preset = values.quick === true ? QUICK : FULL;
  return {
    phases: choicesFlag('phases', values.phases, PHASES),
    keys: integerFlag('keys', values.keys, preset.keys, { min: 1000, max: MAX_KEYS }),
    limitBytes: integerFlag('mebibytes', values.mebibytes, preset.mebibytes, { min: 8, max: 16_384 }) * 2 ** 20,
    operations: integerFlag('operations', values.operations, preset.operations, { min: 1000, max: 100_000_000 }),
    rounds: integerFlag('rounds', values.rounds, preset.rounds, { min: 1, max: 100 }),
    save: values.save ?? preset.save,
  };
}
