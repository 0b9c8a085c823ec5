// StoreEngine in one thread against a Map<string, Buffer>: inserts, overwrites, hits, misses, overhead bytes per key
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { SUBJECTS, type Measurement } from './engine/measurement.js';
import { engineText, summarizeEngine } from './engine/report.js';
import { KEY_BYTES, VALUE_BYTES } from './engine/workload.js';
import { integerFlag } from './lib/flags.js';
import { busyWarning, machineFacts, machineText } from './lib/machine.js';
import { writeResult } from './lib/result-file.js';
import { resultOf } from './lib/run-program.js';
import { progress, runSuite } from './lib/suite.js';

const FULL = { keys: 1_000_000, rounds: 5, save: true };
const QUICK = { keys: 200_000, rounds: 1, save: false };
const USAGE = `usage: npm run bench -- engine [flags]

Keys of ${KEY_BYTES} bytes, values of ${VALUE_BYTES}; each subject and round in a process of its own. Figures are for information.

  --keys <n>           (${FULL.keys})
  --rounds <n>         of which the median counts (${FULL.rounds})
  --quick              ${QUICK.keys} keys, ${QUICK.rounds} round
  --save, --no-save    write bench/results/engine-<day>-<commit>.json (default: yes, with --quick no)`;

const PROGRAM = join(import.meta.dirname, 'engine', 'measure-subject.js');

await runSuite(USAGE, async (args) => {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const { values } = parseArgs({
    args,
    allowNegative: true,
    options: { keys: text, rounds: text, quick: flag, save: flag },
  });
  const preset = values.quick === true ? QUICK : FULL;
  const keys = integerFlag('keys', values.keys, preset.keys, { min: 1_000, max: 50_000_000 });
  const rounds = integerFlag('rounds', values.rounds, preset.rounds, { min: 1, max: 1_000 });
  const startedAt = new Date();
  const machine = await machineFacts([]);
  const warning = busyWarning(machine);
  if (warning !== undefined) progress(warning);
  const measurements: Measurement[] = [];
  for (let round = 1; round <= rounds; round++) {
    for (const subject of SUBJECTS) {
      progress(`round ${round} of ${rounds}: ${subject}`);
      measurements.push(await resultOf<Measurement>(PROGRAM, [subject, keys]));
    }
  }
  const summaries = summarizeEngine(measurements);
  console.log(`\n${machineText(machine)}; ${keys} keys\n\n${engineText(summaries)}`);
  if (warning !== undefined) console.log(`\n${warning}`);
  if (values.save ?? preset.save) {
    const options = { keys, rounds };
    console.log(`\nwritten: ${writeResult({ suite: 'engine', startedAt, machine, options, summaries, measurements })}`);
  }
  return 0;
});
