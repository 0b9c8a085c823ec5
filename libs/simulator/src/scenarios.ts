/** Situations with a name: each is what a sentence of the design promises, or what a seed once found. */
import { decodeClusterTable, NO_NODE } from '#libs/cluster';
import { subjectsOf } from '#libs/wire';
import { append, type CommandResult, get, increment, set } from './client-command.js';
import { CLUSTER_NAME, COORDINATOR, REQUEST_TIMEOUT_MS } from './cluster-settings.js';
import { COORDINATOR_SCENARIOS } from './coordinator-scenarios.js';
import { DRAIN_SCENARIOS } from './drain-scenarios.js';
import { MEMBERSHIP_SCENARIOS } from './membership-scenarios.js';
import { MEMORY_SCENARIOS } from './memory-scenarios.js';
import { NEAR_SCENARIOS } from './near-scenarios.js';
import type { Scenario, Stage } from './stage.js';

const subjects = subjectsOf(CLUSTER_NAME);
const LATE = 'st3';

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'pipelined-sets-across-table-change',
    promise:
      'of two pipelined writes of a key whose partition moves meanwhile the second wins, and neither happens twice',
    seeds: 40,
    run: (stage) => {
      const { cluster } = stage;
      stage.form();
      const client = stage.client();
      const moving = startMoveUnderEyes(stage);
      const key = keyIn(stage, moving.partition);
      const log = `{${key}}log`;
      const sent = [set(key, 'a'), append(log, 'x'), set(key, 'b'), append(log, 'y')].map((command, i) => {
        if (i === 2) cluster.queue.runFor((stage.seed % 20) * 0.15);
        return stage.tell(client, command);
      });
      for (const [i, reply] of sent.entries()) stage.demandOk(reply.wait(), `pipelined write ${i}`);
      cluster.runUntil(() => cluster.primaryOf(key) === LATE);
      stage.demandOk(stage.ask(client, get(key)), 'read', 'b');
      stage.demandOk(stage.ask(client, get(log)), 'read of the log', 'xy');
    },
  },
  {
    name: 'stale-epoch-is-retried-at-the-new-owner',
    promise: 'a gateway that has missed a table learns of it from the old owner, and repeats at the new one',
    seeds: 10,
    run: (stage) => {
      const { cluster } = stage;
      stage.form();
      const client = stage.client();
      cluster.network.interfere = ({ to, subject }) =>
        to === 'gw1' && subject === subjects.table ? { drop: true } : undefined;
      cluster.machine(LATE).start();
      stage.demand(
        cluster.runUntil(() => ownedBy(stage, LATE) >= 4),
        'the late node got no partitions',
      );
      const key = stage.keyOf(LATE);
      const { gateway } = cluster.machine('gw1');
      stage.demand(
        (gateway?.routing?.tableVersion ?? 0) < (cluster.invariants.durableTable?.tableVersion ?? 0),
        'not stale',
      );
      stage.demandOk(stage.ask(client, set(key, 'v')), 'write with a stale table');
      stage.demandOk(stage.ask(client, get(key)), 'read', 'v');
      stage.demand((gateway?.statistics.retries ?? 0) > 0, 'nothing was repeated');
    },
  },
  {
    name: 'storage-node-killed-and-rejoins',
    promise: 'keys of other nodes are served meanwhile, its own are answered in time, and come back empty and writable',
    seeds: 10,
    run: (stage) => {
      const { cluster } = stage;
      stage.form();
      const client = stage.client();
      const lost = stage.keyOf('st1');
      const kept = stage.keyOf('st2');
      for (const key of [lost, kept]) stage.demandOk(stage.ask(client, set(key, 'before')), `write of ${key}`);
      cluster.crash('st1');
      const [atLost, atKept] = [stage.tell(client, get(lost)), stage.tell(stage.client(), get(kept))];
      stage.demandOk(atKept.wait(), 'read at the node that lives', 'before');
      stage.demand(atLost.wait().outcome !== 'ok', 'a read at the node that died succeeded');
      cluster.queue.runFor(stage.seed * 100);
      cluster.machine('st1').start();
      stage.demand(
        cluster.runUntil(() => stage.ask(client, set(lost, 'after')).outcome === 'ok'),
        'it did not come back',
      );
      stage.demandOk(stage.ask(client, get(lost)), 'read after the return', 'after');
      stage.demandOk(stage.ask(client, get(kept)), 'read of the other key', 'before');
    },
  },
  {
    name: 'bus-outage-fails-fast-and-recovers',
    promise: 'without the bus commands fail at once, and afterwards everything is as before',
    seeds: 10,
    run: (stage) => {
      const { cluster } = stage;
      stage.form();
      const client = stage.client();
      stage.demandOk(stage.ask(client, set('k', 'before')), 'write before');
      for (const machine of cluster.machines.values()) machine.disconnect();
      const beginMs = cluster.queue.nowMs;
      stage.demand(stage.ask(client, set('k', 'during')).outcome === 'failed', 'a write without the bus did not fail');
      stage.demand(cluster.queue.nowMs - beginMs < REQUEST_TIMEOUT_MS / 4, 'a write without the bus did not fail fast');
      cluster.queue.runFor(stage.seed * 200);
      for (const machine of cluster.machines.values()) machine.reconnect();
      stage.demand(
        cluster.runUntil(() => stage.ask(client, get('k')).outcome === 'ok'),
        'it did not recover',
      );
      stage.demandOk(stage.ask(client, get('k')), 'read after', 'before');
    },
  },
  {
    name: 'late-node-takes-partitions-under-load',
    promise: 'rebalancing gives a node that joins its share, and no client notices',
    seeds: 5,
    run: (stage) => {
      const { cluster } = stage;
      stage.form();
      const client = stage.client();
      const keys = Array.from({ length: 40 }, (_, i) => `k${i}`);
      for (const key of keys) stage.demandOk(stage.ask(client, set(key, `old ${key}`)), `write of ${key}`);
      cluster.machine(LATE).start();
      let commands = 0;
      const isDone = (): boolean => ownedBy(stage, LATE) >= 5;
      while (!isDone() && commands < 4_000) {
        const key = keys[commands++ % keys.length];
        const isWrite = commands % 3 === 0;
        stage.demandOk(stage.ask(client, isWrite ? set(key, `new ${commands}`) : get(key)), `command on ${key}`);
      }
      stage.demand(isDone(), `${LATE} has ${ownedBy(stage, LATE)} of 16 partitions`);
      for (const key of keys) stage.demandOk(stage.ask(client, get(key)), `read of ${key}`);
    },
  },
  {
    name: 'duplicated-and-reordered-frames-apply-once',
    promise: 'a frame that comes twice or late is applied at most once',
    seeds: 10,
    run: (stage) => {
      const { cluster } = stage;
      stage.form();
      const client = stage.client();
      let frames = 0;
      cluster.network.interfere = ({ subject }) => {
        if (!subject.includes('.op.') && !subject.includes('.re.')) return undefined;
        frames++;
        return { copies: 1 + (frames % 3), delayMs: frames % 7 === 0 ? 3 : 0 };
      };
      const sent: { wait(): CommandResult }[] = [];
      for (let i = 0; i < 120; i++) {
        sent.push(stage.tell(client, increment('c')));
        cluster.queue.runFor(cluster.rng.between(0, 1));
      }
      const counts = { ok: 0, failed: 0, unknown: 0 };
      for (const reply of sent) counts[reply.wait().outcome]++;
      cluster.network.interfere = undefined;
      const total = Number(stage.ask(client, get('c')).answers[0]);
      stage.demand(counts.ok > 60 && counts.failed === 0, `outcomes: ${JSON.stringify(counts)}`);
      stage.demand(total >= counts.ok && total <= counts.ok + counts.unknown, `${total} of ${JSON.stringify(counts)}`);
    },
  },
  {
    name: 'coordinator-restart-keeps-the-table',
    promise: 'data flows while the coordinator is away, and it comes back with the table that it had',
    seeds: 10,
    run: (stage) => {
      const { cluster } = stage;
      stage.form();
      const client = stage.client();
      stage.demandOk(stage.ask(client, set('k', 'v')), 'write before');
      const before = cluster.invariants.durableTable;
      cluster.crash(COORDINATOR, 'lost');
      for (let i = 0; i < 20; i++) {
        cluster.queue.runFor(50);
        stage.demandOk(stage.ask(client, get('k')), 'read meanwhile', 'v');
      }
      cluster.machine(COORDINATOR).start();
      stage.demand(
        cluster.runUntil(() => cluster.machine(COORDINATOR).coordinator?.clusterTable() !== undefined),
        'no table',
      );
      const after = cluster.machine(COORDINATOR).coordinator?.clusterTable();
      stage.demand(after?.clusterId === before?.clusterId, 'it is another cluster');
      stage.demand((after?.tableVersion ?? 0) >= (before?.tableVersion ?? 1), 'the table is older');
      stage.demandOk(stage.ask(client, get('k')), 'read after', 'v');
    },
  },
  {
    name: 'first-frame-without-listener-keeps-the-order',
    promise: 'where nobody listens for the first of two pipelined writes, it is not repeated after the second',
    seeds: 40,
    run: (stage) => {
      const { cluster } = stage;
      stage.form();
      const client = stage.client();
      const key = stage.keyOf('st1');
      cluster.machine('st1').disconnect();
      const first = stage.tell(client, set(key, 'first'));
      cluster.queue.runFor(stage.seed * 0.05);
      cluster.machine('st1').reconnect();
      cluster.queue.runFor((stage.seed % 7) * 0.1);
      const second = stage.tell(client, set(key, 'second'));
      first.wait();
      const isWritten = second.wait().outcome === 'ok';
      if (isWritten) stage.demandOk(stage.ask(client, get(key)), 'read', 'second');
    },
  },
  {
    name: 'moves-go-to-the-process-that-the-table-names',
    promise: 'a process that has taken the place of a move target, and that the table does not name yet, takes no copy',
    seeds: 10,
    run: (stage) => {
      const { cluster } = stage;
      stage.form();
      const client = stage.client();
      const keys = Array.from({ length: 40 }, (_, i) => `k${i}`);
      for (const key of keys) stage.demandOk(stage.ask(client, set(key, key)), `write of ${key}`);
      cluster.machine(LATE).start();
      const hasJoined = (): boolean =>
        cluster.invariants.durableTable?.nodes.some(({ nodeId }) => nodeId === LATE) === true;
      stage.demand(cluster.runUntil(hasJoined), 'the late node did not join');
      cluster.network.block(LATE, COORDINATOR);
      cluster.crash(LATE);
      cluster.machine(LATE).start();
      cluster.queue.runFor(300);
      cluster.network.unblock(LATE, COORDINATOR);
      stage.demand(
        cluster.runUntil(() => ownedBy(stage, LATE) >= 5),
        `${LATE} got no partitions`,
      );
      for (const key of keys) stage.demandOk(stage.ask(client, get(key)), `read of ${key}`, key);
    },
  },
  {
    name: 'copies-outrun-the-tables',
    promise: 'a partition that arrives before the tables that tell of its move is kept',
    seeds: 10,
    run: (stage) => {
      const { cluster } = stage;
      stage.form();
      const client = stage.client();
      const keys = Array.from({ length: 40 }, (_, i) => `k${i}`);
      for (const key of keys) stage.demandOk(stage.ask(client, set(key, key)), `write of ${key}`);
      const delayMs = 5 * stage.seed;
      cluster.network.interfere = ({ to, subject }) =>
        to === LATE && subject === subjects.table ? { delayMs } : undefined;
      cluster.machine(LATE).start();
      stage.demand(
        cluster.runUntil(() => ownedBy(stage, LATE) >= 5),
        `${LATE} got no partitions`,
      );
      cluster.queue.runFor(2 * delayMs);
      for (const key of keys) stage.demandOk(stage.ask(client, get(key)), `read of ${key}`, key);
    },
  },
  ...MEMBERSHIP_SCENARIOS,
  ...MEMORY_SCENARIOS,
  ...DRAIN_SCENARIOS,
  ...COORDINATOR_SCENARIOS,
  ...NEAR_SCENARIOS,
];

function ownedBy({ cluster }: Stage, node: string): number {
  const table = cluster.invariants.durableTable;
  return table?.partitions.filter(({ primary }) => table.nodes[primary].nodeId === node).length ?? 0;
}

/** Lets the late node join and runs until the first table with a move is under way to the nodes. */
function startMoveUnderEyes({ cluster }: Stage): { readonly partition: number } {
  let partition = -1;
  const before = cluster.network.onPublished;
  cluster.network.onPublished = (from, subject, payload, replyTo) => {
    before?.(from, subject, payload, replyTo);
    if (subject !== subjects.table || partition >= 0) return;
    partition = decodeClusterTable(payload).partitions.findIndex(({ movingTo }) => movingTo !== NO_NODE);
  };
  cluster.machine(LATE).start();
  if (!cluster.runUntil(() => partition >= 0)) cluster.find('no move was begun');
  return { partition: Math.max(0, partition) };
}

function keyIn({ cluster }: Stage, partition: number): string {
  for (let i = 0; ; i++) if (cluster.partitionOf(`k${i}`) === partition) return `k${i}`;
}
