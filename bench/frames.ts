// A storage node alone, executing frames of GETs and SETs in one thread: with look-ahead against without
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { FRAME_PHASES, type FrameRates } from './frames/measurement.js';
import { integerFlag } from './lib/flags.js';
import { busyWarning, machineFacts, machineText } from './lib/machine.js';
import { writeResult } from './lib/result-file.js';
import { resultOf } from './lib/run-program.js';
import { progress, runSuite } from './lib/suite.js';
import { formatCount, formatRatio, formatTable, left, right } from './lib/table.js';

const FULL = { keys: 1_000_000, rounds: 5 };
const FRAME_SIZES = [1, 4, 16, 64];
const USAGE = `usage: npm run bench -- frames [flags]

Both nodes run in one process and take turns. Encoding the frames is not counted; processor
time is, so that other work on the machine weighs less. Figures are for information.

  --keys <n>     (${FULL.keys})
  --rounds <n>   of which the median counts (${FULL.rounds})
  --save         write bench/results/frames-<day>-<commit>.json`;

const PROGRAM = join(import.meta.dirname, 'frames', 'measure-frames.js');

await runSuite(USAGE, async (args) => {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ args, options: { keys: text, rounds: text, save: { type: 'boolean' } } });
  const keys = integerFlag('keys', values.keys, FULL.keys, { min: 1_000, max: 20_000_000 });
  const rounds = integerFlag('rounds', values.rounds, FULL.rounds, { min: 1, max: 1_000 });
  const startedAt = new Date();
  const machine = await machineFacts([]);
  const measurements: { readonly operationsPerFrame: number; readonly rates: FrameRates }[] = [];
  for (const operationsPerFrame of FRAME_SIZES) {
    progress(`frames of ${operationsPerFrame}`);
    measurements.push({ operationsPerFrame, rates: await resultOf(PROGRAM, [keys, operationsPerFrame, rounds]) });
  }
  const rows = measurements.flatMap(({ operationsPerFrame, rates: [without, ahead] }) =>
    FRAME_PHASES.map((phase, i) => [
      `${phase}, ${operationsPerFrame} a frame`,
      formatCount(without[i]),
      formatCount(ahead[i]),
      formatRatio(ahead[i] / without[i]),
    ]),
  );
  const columns = [left('phase'), right('plain'), right('look-ahead'), right('ratio')];
  console.log(
    `\n${machineText(machine)}; ${keys} keys\n\nOperations per second of processor time (medians of the rounds)\n`,
  );
  console.log(formatTable(columns, rows));
  const warning = busyWarning(machine);
  if (warning !== undefined) console.log(`\n${warning}`);
  if (values.save === true) {
    const options = { keys, rounds };
    console.log(`\nwritten: ${writeResult({ suite: 'frames', startedAt, machine, options, measurements })}`);
  }
  return 0;
});
