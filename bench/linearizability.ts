// The linearizability checker: operations judged per second, for several kinds of keys and for one that all clients share
import { parseArgs } from 'node:util';
import { checkHistory, SIMULATED_LOAD, type SimulatedLoad, simulateHistory, type Verdict } from '#libs/linearizability';
import { integerFlag } from './lib/flags.js';
import { busyWarning, machineFacts, machineText } from './lib/machine.js';
import { writeResult } from './lib/result-file.js';
import { median } from './lib/statistics.js';
import { progress, runSuite } from './lib/suite.js';
import { formatCount, formatFixed, formatTable, left, right } from './lib/table.js';
import { Xorshift } from './lib/xorshift.js';

const FULL = { operations: 100_000, clients: 16, rounds: 5 };
const KEYS = 100;
/** For the first load. */
const DEMANDED_SECONDS = 2;
const SEED = 1;
/** Of operations that are not answered: half of them are executed. */
const UNANSWERED = 0.005;
const USAGE = `usage: npm run bench -- linearizability [flags]

Judges histories that were executed on simulated keys, so that all are linearizable. "unknown" has ${2_000 * UNANSWERED} operations in 1,000
without an answer. Time is the processor's: nothing waits.

  --operations <n>     of each history (${FULL.operations})
  --clients <n>        with one operation each at a time (${FULL.clients})
  --rounds <n>         of which the median counts (${FULL.rounds})
  --check              exit code 1 where the first load takes more than ${DEMANDED_SECONDS} s, or a verdict is wrong
  --save               write bench/results/linearizability-<day>-<commit>.json`;

type Load = Partial<SimulatedLoad> & { readonly name: string };

const UNKNOWN = { unanswered: UNANSWERED, dropped: UNANSWERED };
const DELETES = { kinds: ['read', 'read', 'write', 'write', 'delete'] } as const;
const CONDITIONS = { kinds: ['read', 'write', 'delete', 'set-if-absent', 'set-if-present'] } as const;
const COUNTERS = { kinds: ['read', 'increment'] } as const;
const LOADS: readonly Load[] = [
  { name: `registers, ${KEYS} keys`, keys: KEYS },
  { name: `registers, ${KEYS} keys, unknown`, keys: KEYS, ...UNKNOWN },
  { name: 'registers, 1 key, unknown', keys: 1, ...UNKNOWN },
  { name: `values that come again, ${KEYS} keys, unknown`, keys: KEYS, values: 16, ...UNKNOWN },
  { name: 'values that come again, 1 key', keys: 1, values: 16 },
  { name: `deletes, ${KEYS} keys, unknown`, keys: KEYS, ...DELETES, ...UNKNOWN },
  { name: 'deletes, 1 key', keys: 1, ...DELETES },
  { name: `conditions, ${KEYS} keys, unknown`, keys: KEYS, ...CONDITIONS, ...UNKNOWN },
  { name: 'conditions, 1 key', keys: 1, ...CONDITIONS },
  { name: `counters, ${KEYS} keys, unknown`, keys: KEYS, ...COUNTERS, ...UNKNOWN },
  { name: 'counters, 1 key, unknown', keys: 1, ...COUNTERS, ...UNKNOWN },
];

interface Measurement {
  readonly name: string;
  readonly verdict: Verdict;
  readonly undecidedKeys: number;
  readonly seconds: readonly number[];
}

await runSuite(USAGE, async (args) => {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const { values } = parseArgs({
    args,
    options: { operations: text, clients: text, rounds: text, check: flag, save: flag },
  });
  const operations = integerFlag('operations', values.operations, FULL.operations, { min: 100, max: 5_000_000 });
  const clients = integerFlag('clients', values.clients, FULL.clients, { min: 1, max: 1_000 });
  const rounds = integerFlag('rounds', values.rounds, FULL.rounds, { min: 1, max: 100 });
  const startedAt = new Date();
  const machine = await machineFacts([]);
  const warning = busyWarning(machine);
  if (warning !== undefined) progress(warning);

  const measurements = LOADS.map((load) => measure({ ...SIMULATED_LOAD, operations, clients, ...load }, rounds));
  const rows = measurements.map(({ name, verdict, undecidedKeys, seconds }) => [
    name,
    undecidedKeys === 0 ? verdict : `${verdict} (${undecidedKeys} keys)`,
    formatFixed(1_000 * median(seconds), 0),
    formatCount(operations / median(seconds)),
  ]);
  const columns = [left('history'), left('verdict'), right('cpu ms'), right('operations/s')];
  console.log(`\n${machineText(machine)}; ${formatCount(operations)} operations of ${clients} clients\n`);
  console.log(formatTable(columns, rows));
  if (warning !== undefined) console.log(`\n${warning}`);
  if (values.save === true) {
    const options = { operations, clients, rounds };
    console.log(`\nwritten: ${writeResult({ suite: 'linearizability', startedAt, machine, options, measurements })}`);
  }
  const isSlow = median(measurements[0].seconds) > DEMANDED_SECONDS;
  return values.check === true && (isSlow || measurements.some(({ verdict }) => verdict === 'violation')) ? 1 : 0;
});

function measure(load: SimulatedLoad & { readonly name: string }, rounds: number): Measurement {
  progress(load.name);
  const rng = new Xorshift(SEED);
  const history = simulateHistory(load, () => rng.next());
  const seconds: number[] = [];
  let report = checkHistory(history);
  for (let round = 0; round < rounds; round++) {
    const start = process.cpuUsage();
    report = checkHistory(history);
    const { user, system } = process.cpuUsage(start);
    seconds.push((user + system) / 1e6);
  }
  return { name: load.name, verdict: report.verdict, undecidedKeys: report.undecidedKeys.length, seconds };
}
