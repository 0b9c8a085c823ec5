// Proposals per second through a Raft group of three, over real files and messages in memory
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { integerFlag, integersFlag } from './lib/flags.js';
import { busyWarning, machineFacts, machineText } from './lib/machine.js';
import { writeResult } from './lib/result-file.js';
import { resultOf } from './lib/run-program.js';
import { median } from './lib/statistics.js';
import { progress, runSuite } from './lib/suite.js';
import { formatCount, formatFixed, formatTable, left, right } from './lib/table.js';
import type { RaftRate } from './raft/measurement.js';

const FULL = { bytes: 100, seconds: 5, rounds: 3 };
const WINDOWS = [1, 16, 256, 2_048];
/** With many proposals waiting. */
const DEMANDED_PER_SECOND = 5_000;
const USAGE = `usage: npm run bench -- raft [flags]

All three members run in one process and share its disk; each waits for its own fsyncs. What
waits while a write is under way goes into the next one together.

  --bytes <n>      of a proposal (${FULL.bytes})
  --waiting <n,n>  proposals that wait at a time (${WINDOWS.join(',')})
  --seconds <n>    of each round (${FULL.seconds})
  --rounds <n>     of which the median counts (${FULL.rounds})
  --folder <path>  where the files lie (a temporary one; the system's may be in memory)
  --check          exit code 1 below ${formatCount(DEMANDED_PER_SECOND)} proposals per second with the most waiting
  --save           write bench/results/raft-<day>-<commit>.json`;

const PROGRAM = join(import.meta.dirname, 'raft', 'measure-raft.js');

await runSuite(USAGE, async (args) => {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const { values } = parseArgs({
    args,
    options: { bytes: text, waiting: text, seconds: text, rounds: text, folder: text, check: flag, save: flag },
  });
  const bytes = integerFlag('bytes', values.bytes, FULL.bytes, { min: 1, max: 65_536 });
  const windows = integersFlag('waiting', values.waiting, WINDOWS, { min: 1, max: 100_000 });
  const seconds = integerFlag('seconds', values.seconds, FULL.seconds, { min: 1, max: 600 });
  const rounds = integerFlag('rounds', values.rounds, FULL.rounds, { min: 1, max: 100 });
  const startedAt = new Date();
  const machine = await machineFacts([]);
  const measurements: { readonly waiting: number; readonly rates: readonly RaftRate[] }[] = [];
  for (const waiting of windows) {
    progress(`${waiting} waiting`);
    const rates: RaftRate[] = [];
    for (let round = 0; round < rounds; round++) {
      const folder = mkdtempSync(join(values.folder ?? tmpdir(), 'bench-raft-'));
      try {
        rates.push(await resultOf<RaftRate>(PROGRAM, [folder, bytes, waiting, seconds]));
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    }
    measurements.push({ waiting, rates });
  }
  const of = (rates: readonly RaftRate[], key: keyof RaftRate): number => median(rates.map((rate) => rate[key]));
  const rows = measurements.map(({ waiting, rates }) => [
    formatCount(waiting),
    formatCount(of(rates, 'proposalsPerSecond')),
    formatFixed(of(rates, 'medianMs'), 2),
    formatFixed(of(rates, 'p99Ms'), 2),
    formatCount(of(rates, 'syncsPerSecond')),
    formatCount(rates.reduce((sum, { replacements }) => sum + replacements, 0)),
  ]);
  const titles = ['proposals/s', 'median ms', 'p99 ms', 'syncs/s', 'leaders lost'];
  const columns = [left('waiting'), ...titles.map((title) => right(title))];
  console.log(`\n${machineText(machine)}; ${bytes} bytes a proposal\n\n${formatTable(columns, rows)}`);
  const warning = busyWarning(machine);
  if (warning !== undefined) console.log(`\n${warning}`);
  if (values.save === true) {
    const options = { bytes, seconds, rounds };
    console.log(`\nwritten: ${writeResult({ suite: 'raft', startedAt, machine, options, measurements })}`);
  }
  const most = measurements.at(-1);
  const best = most === undefined ? 0 : of(most.rates, 'proposalsPerSecond');
  const isEnough = best >= DEMANDED_PER_SECOND;
  console.log(`\n${formatCount(best)} of ${formatCount(DEMANDED_PER_SECOND)} demanded: ${isEnough ? 'met' : 'MISSED'}`);
  return values.check === true && !isEnough ? 1 : 0;
});
