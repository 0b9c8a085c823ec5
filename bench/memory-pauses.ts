// How long single operations of the engine take while it grows, evicts and expires: 99.9th percentile and largest
import { join } from 'node:path';
import { busyWarning, machineFacts, machineText } from './lib/machine.js';
import { resultOf } from './lib/run-program.js';
import { writeResult } from './lib/result-file.js';
import { progress, runSuite } from './lib/suite.js';
import type { PauseJob, Pauses } from './memory-pauses/measurement.js';
import { parsePausesOptions, USAGE } from './memory-pauses/options.js';
import { pausesText } from './memory-pauses/report.js';

const PROGRAM = join(import.meta.dirname, 'memory-pauses', 'measure-phase.js');

await runSuite(USAGE, async (args) => {
  const options = parsePausesOptions(args);
  const { phases, keys, limitBytes, operations, rounds } = options;
  const startedAt = new Date();
  const machine = await machineFacts([]);
  const warning = busyWarning(machine);
  const pauses: Pauses[] = [];
  for (const phase of phases) {
    progress(`${phase}: ${rounds} rounds`);
    const job: PauseJob = { phase, keys, limitBytes, operations, rounds };
    pauses.push(await resultOf<Pauses>(PROGRAM, [JSON.stringify(job)]));
  }
  console.log(`\n${machineText(machine)}\n\n${pausesText(pauses)}`);
  if (warning !== undefined) console.log(`\n${warning}`);
  if (options.save) {
    console.log(`\nwritten: ${writeResult({ suite: 'memory-pauses', startedAt, machine, options, pauses })}`);
  }
  return 0;
});
