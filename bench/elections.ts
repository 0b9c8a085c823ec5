// Elections after the leader among three coordinators is killed, and changes of the cluster over the real bus
import { parseArgs } from 'node:util';
import { connectNats } from '#libs/bus-nats';
import { subjectsOf } from '#libs/wire';
import { LeaderWatch } from './elections/leader-watch.js';
import { measureChanges, type ChangeRate } from './elections/measure-changes.js';
import { measureElections, whenAllVote } from './elections/measure-elections.js';
import { ClusterServices } from './lib/cluster-services.js';
import { atLeast, below, demandsText, none, type Demand } from './lib/demands.js';
import { integerFlag } from './lib/flags.js';
import { busyWarning, machineFacts, machineText } from './lib/machine.js';
import { writeResult } from './lib/result-file.js';
import { median, percentile } from './lib/statistics.js';
import { progress, runSuite } from './lib/suite.js';
import { formatCount, formatFixed, formatTable, left, right } from './lib/table.js';
import { Xorshift } from './lib/xorshift.js';

const CLUSTER = 'hypercache';
const SIZE = { coordinators: 3, storage: 1, gateways: 1 };
const COORDINATORS = ['coordinator-1', 'coordinator-2', 'coordinator-3'];
const FULL = { kills: 100, changes: 1_000 };
const WARM_UP = 200;
/** Requests that wait at a time, where changes come in numbers. */
const MANY = [16, 256];
const CHANGES_AT_A_TIME = 20_000;
const DEMANDED = { electionMs: 500, medianMs: 10, changesPerSecond: 5_000 };
const USAGE = `usage: npm run bench -- elections [flags]

Three coordinators, a storage node and a gateway over a nats-server, with default timeouts. The coordinator that leads is
killed; the time counts until another one says that it leads; the killed one is started again and has to catch up.

  --kills <n>      (${FULL.kills})
  --changes <n>    asked for one after the other (${FULL.changes})
  --check          exit code 1 when a demand is missed
  --save           write bench/results/elections-<day>-<commit>.json`;

const ms = (value: number): string => `${formatFixed(value, 1)} ms`;

function demandsOf(electionsMs: readonly number[], changes: readonly ChangeRate[]): Demand[] {
  const slow = electionsMs.filter((time) => time >= DEMANDED.electionMs).length;
  const [single] = changes;
  const most = Math.max(...changes.map(({ changesPerSecond }) => changesPerSecond));
  return [
    below('longest time without a leader', percentile(electionsMs, 100), DEMANDED.electionMs, ms),
    none(`elections of ${electionsMs.length} above ${DEMANDED.electionMs} ms`, slow),
    below('one change after the other, median', single.medianMs, DEMANDED.medianMs, ms),
    atLeast('changes per second, many waiting', most, DEMANDED.changesPerSecond, formatCount),
  ];
}

function report(electionsMs: readonly number[], changes: readonly ChangeRate[]): string {
  const at = (percent: number): string => ms(percentile(electionsMs, percent));
  const elections = [`${electionsMs.length}`, at(0), ms(median(electionsMs)), at(99), at(100)];
  const titles = [right('elections'), right('min'), right('median'), right('p99'), right('max')];
  const rows = changes.map(({ waiting, changesPerSecond, medianMs, p99Ms, maxMs }) => [
    formatCount(waiting),
    formatCount(changesPerSecond),
    ...[medianMs, p99Ms, maxMs].map((value) => formatFixed(value, 2)),
  ]);
  const columns = [left('changes waiting'), right('changes/s'), right('median ms'), right('p99 ms'), right('max ms')];
  return `${formatTable(titles, [elections])}\n\n${formatTable(columns, rows)}`;
}

await runSuite(USAGE, async (args, resources) => {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const { values } = parseArgs({ args, options: { kills: text, changes: text, check: flag, save: flag } });
  const kills = integerFlag('kills', values.kills, FULL.kills, { min: 1, max: 10_000 });
  const count = integerFlag('changes', values.changes, FULL.changes, { min: 1, max: 100_000 });
  const startedAt = new Date();
  const machine = await machineFacts(['nats-server']);
  const cluster = await ClusterServices.start(SIZE, resources);
  const bus = await connectNats({ servers: [cluster.natsUrl], name: 'bench-elections' });
  resources.add(() => bus.close());
  const subjects = subjectsOf(CLUSTER);
  const watch = new LeaderWatch(bus, subjects);
  await whenAllVote(cluster, COORDINATORS);
  const electionsMs = await measureElections(cluster, watch, kills, new Xorshift(1), (done, time) => {
    if (done % 10 === 0 || done === kills) progress(`kill ${done} of ${kills}: ${ms(time)}`);
  });
  const { clusterId } = await watch.after(0);
  const changes: ChangeRate[] = [];
  for (const waiting of [1, ...MANY]) {
    progress(`${waiting} change(s) waiting`);
    const asked = waiting === 1 ? count : CHANGES_AT_A_TIME;
    changes.push(await measureChanges(bus, subjects.change, clusterId, waiting, asked, WARM_UP));
  }
  console.log(`\n${machineText(machine)}\n\n${report(electionsMs, changes)}`);
  const demands = demandsOf(electionsMs, changes);
  console.log(`\n${demandsText(demands)}`);
  const warning = busyWarning(machine);
  if (warning !== undefined) console.log(`\n${warning}`);
  if (values.save === true) {
    const file = writeResult({ suite: 'elections', startedAt, machine, size: SIZE, electionsMs, changes, demands });
    console.log(`\nwritten: ${file}`);
  }
  return values.check === true && demands.some(({ isMet }) => !isMet) ? 1 : 0;
});
