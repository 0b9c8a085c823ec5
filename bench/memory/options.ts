/** The flags of `npm run bench -- memory`. */
import { parseArgs } from 'node:util';
import { choicesFlag, integerFlag, UsageError } from '../lib/flags.js';
import { KEY_BYTES, MAX_KEYS, VALUE_BYTES } from './load-template.js';
import { SERVERS, type ServerName } from './measurement.js';

export interface MemoryOptions {
  readonly keys: number;
  /** Loaded before the resident memory is read for the first time. */
  readonly warmKeys: number;
  /** The worst fill is looked for from here to twice as many. */
  readonly worstFrom: number;
  readonly servers: readonly ServerName[];
  readonly check: boolean;
  readonly save: boolean;
}

const FULL = { keys: 10_000_000, save: true };
const QUICK = { keys: 500_000, save: false };
/** Parts of the keys that warm-up and search for the worst fill take. */
const WARM_SHARE = 5;
const WORST_SHARE = 10;

export const USAGE = `usage: npm run bench -- memory [flags]

Keys of ${KEY_BYTES} bytes, values of ${VALUE_BYTES}, without and with an expiry.

  --keys <n>           (${FULL.keys}); the first fifth warms up, the worst fill is looked for from a tenth to a fifth
  --servers <s,...>    some of ${SERVERS.join()}, or none (all)
  --quick              ${QUICK.keys} keys: for a look, not for figures
  --check              exit code 1 when a goal is not reached
  --save, --no-save    write bench/results/memory-<day>-<commit>.json and its chart (default: yes, with --quick no)`;

/** Throws UsageError, or what parseArgs throws. */
export function parseMemoryOptions(args: string[]): MemoryOptions {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const options = { keys: text, servers: text, quick: flag, check: flag, save: flag };
  const { values } = parseArgs({ args, allowNegative: true, options });
  const preset = values.quick === true ? QUICK : FULL;
  const keys = integerFlag('keys', values.keys, preset.keys, { min: 10_000, max: MAX_KEYS });
  if (keys % WORST_SHARE !== 0) throw new UsageError(`--keys ${keys}: allowed are multiples of ${WORST_SHARE}`);
  return {
    keys,
    warmKeys: keys / WARM_SHARE,
    worstFrom: keys / WORST_SHARE,
    servers: values.servers === 'none' ? [] : choicesFlag('servers', values.servers, SERVERS),
    check: values.check ?? false,
    save: values.save ?? preset.save,
  };
}
