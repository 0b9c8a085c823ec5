/** The whole benchmark: start, idle use, runs, report, result file. Shared by the suites resp and smoke. */
import { busyWarning, machineFacts, machineText } from '../lib/machine.js';
import type { Resources } from '../lib/resources.js';
import { writeResult } from '../lib/result-file.js';
import { progress } from '../lib/suite.js';
import { measureIdle, measureRuns } from './measure.js';
import type { RespOptions } from './options.js';
import { cpuText, idleText, startText, throughputText, verdictText } from './report.js';
import { timeStorageStarts } from './storage-start.js';
import { ratiosOf, summarize, verdictsOf, type Verdict } from './summary.js';
import { startTargets } from './targets.js';

const PROGRAMS = ['redis-server', 'redis-benchmark', 'nats-server'];

/** Prints the report and answers how the demanded ratios were met. */
export async function runResp(options: RespOptions, resources: Resources): Promise<readonly Verdict[]> {
  const startedAt = new Date();
  const machine = await machineFacts(PROGRAMS);
  const warning = busyWarning(machine);
  if (warning !== undefined) progress(warning);
  if (options.starts > 0) progress('starting a storage node several times');
  const storageStarts = options.starts > 0 ? await timeStorageStarts(options.starts) : undefined;
  progress(`starting ${options.targets.join(', ')}`);
  const targets = await startTargets(options.targets, resources);
  const idle = await measureIdle(targets, options.idleMs);
  const runs = await measureRuns(targets, options);

  const summaries = summarize(runs);
  const ratios = ratiosOf(summaries);
  const verdicts = verdictsOf(ratios);
  const sections = [throughputText(summaries, ratios), cpuText(summaries), startText(targets, storageStarts)];
  sections.push(idleText(idle), verdictText(ratios, verdicts));
  console.log(`\n${machineText(machine)}`);
  for (const text of sections) console.log(text);
  if (warning !== undefined) console.log(`\n${warning}`);
  if (options.save) {
    const starts = {
      targetsMs: Object.fromEntries(targets.map(({ name, startMs }) => [name, startMs])),
      storageStarts,
    };
    const file = writeResult({
      suite: 'resp',
      startedAt,
      machine,
      options,
      verdicts,
      ratios,
      summaries,
      starts,
      idle,
      runs,
    });
    console.log(`\nwritten: ${file}`);
  }
  return verdicts;
}
