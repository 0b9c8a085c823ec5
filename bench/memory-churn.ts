// Sets and removals in a full store: fragmentation, bytes moved by cleaning against fill, resident memory over time
import { join } from 'node:path';
import { saveResult } from './charts/save-result.js';
import { busyWarning, machineFacts, machineText } from './lib/machine.js';
import { resultOf } from './lib/run-program.js';
import { progress, runSuite } from './lib/suite.js';
import { type Churn, type ChurnJob, GOAL_FRAGMENTATION } from './memory-churn/measurement.js';
import { CHURN_FILL, CURVE_SHARE, parseChurnOptions, USAGE } from './memory-churn/options.js';
import { churnText, churnVerdictText, cleaningText } from './memory-churn/report.js';

const PROGRAM = join(import.meta.dirname, 'memory-churn', 'churn-engine.js');
const churnOf = (job: ChurnJob): Promise<Churn> => resultOf<Churn>(PROGRAM, [JSON.stringify(job)]);

await runSuite(USAGE, async (args) => {
  const options = parseChurnOptions(args);
  const { limitBytes, operations, minutes, fills } = options;
  const startedAt = new Date();
  const machine = await machineFacts([]);
  const warning = busyWarning(machine);
  const cleaning: Churn[] = [];
  for (const fill of fills) {
    progress(`cleaning at ${fill} %`);
    const job = { limitBytes, fill: fill / 100, operations: Math.ceil(operations / CURVE_SHARE), minutes: 0 };
    cleaning.push(await churnOf(job));
  }
  progress(`churn of ${operations} operations, ${minutes} minutes`);
  const churn = await churnOf({ limitBytes, fill: CHURN_FILL, operations, minutes });
  console.log(`\n${[machineText(machine), cleaningText(cleaning), churnText(churn)].join('\n\n')}\n`);
  console.log(churnVerdictText(churn));
  if (warning !== undefined) console.log(`\n${warning}`);
  if (options.save) {
    await saveResult({ suite: 'memory-churn', startedAt, machine, options, cleaning, churn });
  }
  return options.check && churn.fragmentation.worst >= GOAL_FRAGMENTATION ? 1 : 0;
});
