// A storage node that joins a loaded cluster and is drained again: time, latencies, failures, and every value checked
import { joinDemands, reportJoin } from './join/report.js';
import { measureJoin } from './join/measure-join.js';
import { parseJoinOptions, USAGE } from './join/options.js';
import { demandsText } from './lib/demands.js';
import { busyWarning, machineFacts, machineText } from './lib/machine.js';
import { writeResult } from './lib/result-file.js';
import { runSuite } from './lib/suite.js';

await runSuite(USAGE, async (args, resources) => {
  const options = parseJoinOptions(args);
  const startedAt = new Date();
  const machine = await machineFacts(['nats-server']);
  const measurement = await measureJoin(options, resources);
  const demands = joinDemands(measurement);
  console.log(`\n${machineText(machine)}\n\n${reportJoin(measurement)}\n\n${demandsText(demands)}`);
  const warning = busyWarning(machine);
  if (warning !== undefined) console.log(`\n${warning}`);
  if (options.save) {
    console.log(`\nwritten: ${writeResult({ suite: 'join', startedAt, machine, options, measurement, demands })}`);
  }
  return options.check && demands.some(({ isMet }) => !isMet) ? 1 : 0;
});
