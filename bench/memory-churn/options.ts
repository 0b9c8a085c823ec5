/** The flags of `npm run bench -- memory-churn`. */
import { parseArgs } from 'node:util';
import { integerFlag, integersFlag } from '../lib/flags.js';
import { LARGEST_VALUE_BYTES, SMALLEST_VALUE_BYTES } from '../memory/mixed-store.js';

export interface ChurnOptions {
  readonly limitBytes: number;
  readonly operations: number;
  readonly minutes: number;
  /** Per cent. */
  readonly fills: readonly number[];
  readonly check: boolean;
  readonly save: boolean;
}

const FULL = { mebibytes: 512, operations: 10_000_000, minutes: 10, save: true };
const QUICK = { mebibytes: 64, operations: 200_000, minutes: 0, save: false };
const FILLS = [70, 75, 80, 85, 90, 95];
/** Of the churn itself. */
export const CHURN_FILL = 0.95;
/** The curve needs fewer operations than the churn: it is about means. */
export const CURVE_SHARE = 10;

export const USAGE = `usage: npm run bench -- memory-churn [flags]

Sets and removes entries of ${SMALLEST_VALUE_BYTES} to ${LARGEST_VALUE_BYTES} bytes in a full store: fragmentation, what cleaning costs, resident memory.

  --mebibytes <n>      limit of the store (${FULL.mebibytes})
  --operations <n>     of the churn at ${100 * CHURN_FILL} % (${FULL.operations}); a tenth of it for each point of the curve
  --minutes <n>        the churn goes on until so much time has passed (${FULL.minutes})
  --fills <n,...>      per cent, for the curve of the cost of cleaning (${FILLS.join()})
  --quick              ${QUICK.mebibytes} MiB, ${QUICK.operations} operations: for a look, not for figures
  --check              exit code 1 when fragmentation is above its goal
  --save, --no-save    write bench/results/memory-churn-<day>-<commit>.json and its chart (default: yes, with --quick no)`;

/** Throws UsageError, or what parseArgs throws. */
export function parseChurnOptions(args: string[]): ChurnOptions {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const options = {
    mebibytes: text,
    operations: text,
    minutes: text,
    fills: text,
    quick: flag,
    check: flag,
    save: flag,
  };
  const { values } = parseArgs({ args, allowNegative: true, options });
  const preset = values.quick === true ? QUICK : FULL;
  return {
    limitBytes: integerFlag('mebibytes', values.mebibytes, preset.mebibytes, { min: 8, max: 16_384 }) * 2 ** 20,
    operations: integerFlag('operations', values.operations, preset.operations, { min: 1000, max: 1_000_000_000 }),
    minutes: integerFlag('minutes', values.minutes, preset.minutes, { min: 0, max: 1440 }),
    fills: integersFlag('fills', values.fills, FILLS, { min: 10, max: 98 }),
    check: values.check ?? false,
    save: values.save ?? preset.save,
  };
}
