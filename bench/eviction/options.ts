/** The flags of `npm run bench -- eviction`, and the trace that they choose. */
import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { choicesFlag, integersFlag, UsageError } from '../lib/flags.js';
import { inRoot } from '../lib/root.js';
import { expectedBeside, type Expected } from './expected.js';
import { generatedTraces } from './generated-traces.js';
import { parseTrace, type Trace } from './trace.js';

/** Where a trace is looked for that no flag names. */
const PRESET_FILE = inRoot('..', 'shared', 'traces', 'cloudPhysicsIO.oracleGeneral.bin');
/** Cache sizes by share of a trace's objects, where none are given or published: about those published for the preset. */
const SIZE_SHARES = [0.03, 0.12, 0.25];
const QUICK_REQUESTS = 50_000;
const SIZE_RANGE = { min: 4096, max: 2 ** 40 };

export interface EvictionOptions {
  readonly traceFile: string | undefined;
  /** Empty: those that are published, else shares of the trace. */
  readonly sizes: readonly number[];
  readonly policies: readonly string[];
  readonly quick: boolean;
  readonly check: boolean;
  readonly save: boolean;
}

/** A trace, at which sizes to play it, and what is published for them. */
export interface Play {
  readonly trace: Trace;
  readonly sizes: readonly number[];
  readonly expected: Expected | undefined;
}

export const USAGE = `usage: npm run bench -- eviction [flags]

Plays a trace of requests to the engine with each eviction policy, at three cache sizes, and counts misses. Sizes of
objects are costs alone: nothing is stored but them.

  --trace <file>       records of 24 bytes, see bench/eviction/trace.ts; expected.json beside it may say what is published
                       (default: ../shared/traces/cloudPhysicsIO.oracleGeneral.bin, else generated traces)
  --sizes <n,...>      cache sizes in bytes (those of expected.json, else ${SIZE_SHARES.map((share) => `${100 * share} %`).join(', ')} of the trace)
  --policies <p,...>   some of the registry (all)
  --quick              the first ${QUICK_REQUESTS} requests of generated traces
  --check              exit code 1 when a policy misses other than published, or the default one not less than lru
  --save, --no-save    write bench/results/eviction-<day>-<commit>.json and its chart (default: yes, with --quick no)`;

/** Throws UsageError, or what parseArgs throws. */
export function parseEvictionOptions(args: string[], policies: readonly string[]): EvictionOptions {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const options = { trace: text, sizes: text, policies: text, quick: flag, check: flag, save: flag };
  const { values } = parseArgs({ args, allowNegative: true, options });
  const quick = values.quick ?? false;
  if (values.trace !== undefined && !existsSync(values.trace)) {
    throw new UsageError(`--trace ${values.trace}: there is no such file`);
  }
  return {
    traceFile: values.trace ?? (!quick && existsSync(PRESET_FILE) ? PRESET_FILE : undefined),
    sizes: integersFlag('sizes', values.sizes, [], SIZE_RANGE),
    policies: choicesFlag('policies', values.policies, policies),
    quick,
    check: values.check ?? false,
    save: values.save ?? !quick,
  };
}

/** Reads or makes the traces. Throws an Error for a file that holds none. */
export function choosePlays({ traceFile, sizes, quick }: EvictionOptions): readonly Play[] {
  const expected = traceFile === undefined ? undefined : expectedBeside(traceFile);
  const traces =
    traceFile === undefined
      ? generatedTraces(quick ? QUICK_REQUESTS : undefined)
      : [parseTrace(basename(traceFile), readFileSync(traceFile))];
  return traces.map((trace) => {
    const preset = expected?.sizes ?? SIZE_SHARES.map((share) => Math.floor(share * trace.objectBytes));
    return { trace, sizes: sizes.length > 0 ? sizes : preset, expected };
  });
}

/** What is published for a policy at a size. */
export function expectedMisses(play: Play, policy: string, cacheBytes: number): number | undefined {
  const at = play.expected?.sizes.indexOf(cacheBytes) ?? -1;
  return at < 0 ? undefined : play.expected?.misses[policy]?.[at];
}
