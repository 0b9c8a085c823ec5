/** Storage nodes that go on purpose, and what becomes of their keys. */
import { decodeMoveFinished, NO_NODE, type ClusterChange } from '#libs/cluster';
import { subjectsOf } from '#libs/wire';
import { get, set } from './client-command.js';
import { CLUSTER_NAME, COORDINATOR } from './cluster-settings.js';
import type { Scenario, Stage } from './stage.js';

const subjects = subjectsOf(CLUSTER_NAME);

export const DRAIN_SCENARIOS: readonly Scenario[] = [
  {
    name: 'drain-under-load',
    promise: 'a node hands all its partitions over while clients read and write, and no client notices',
    seeds: 5,
    settings: { storageNodes: 3 },
    run: (stage) => {
      stage.form();
      const client = stage.client();
      const keys = writeKeys(stage);
      stage.demand(change(stage, { type: 'DrainNode', nodeId: 'st1' }), 'the drain was refused');
      let commands = 0;
      while (ownedBy(stage, 'st1') > 0 && commands < 4_000) {
        const key = keys[commands++ % keys.length];
        const isWrite = commands % 3 === 0;
        stage.demandOk(stage.ask(client, isWrite ? set(key, `new ${commands}`) : get(key)), `command on ${key}`);
      }
      stage.demand(ownedBy(stage, 'st1') === 0, 'it was not drained');
      stage.demand(stage.cluster.machine(COORDINATOR).coordinator?.member('st1')?.node.status === 'draining', 'status');
      for (const key of keys) stage.demandOk(stage.ask(client, get(key)), `read of ${key}`);
      stage.cluster.stop('st1');
      stage.cluster.queue.runFor(1_000);
      for (const key of keys) stage.demandOk(stage.ask(client, get(key)), `read of ${key} without st1`);
    },
  },
  {
    name: 'scale-down',
    promise: 'of three nodes two are told to stop, one after the other, and the third has every key then',
    seeds: 5,
    settings: { storageNodes: 3, lateStorageNodes: 0 },
    run: (stage) => {
      const { cluster } = stage;
      stage.form();
      const keys = writeKeys(stage);
      for (const name of ['st1', 'st2']) {
        cluster.drainAndStop(name);
        stage.demand(
          cluster.runUntil(() => !cluster.machine(name).isUp),
          `${name} did not stop`,
        );
      }
      stage.demand(ownedBy(stage, 'st3') === 16, `st3 owns ${ownedBy(stage, 'st3')} of 16 partitions`);
      const client = stage.client();
      for (const key of keys) stage.demandOk(stage.ask(client, get(key)), `read of ${key}`, key);
      const beginMs = cluster.queue.nowMs;
      cluster.drainAndStop('st3');
      stage.demand(
        cluster.runUntil(() => !cluster.machine('st3').isUp, 1_000),
        'the last node waited for others',
      );
      stage.demand(cluster.queue.nowMs - beginMs < 500, 'the last node waited');
    },
  },
  {
    name: 'stopping-all-at-once-does-not-wait',
    promise: 'where all storage nodes are told to stop together, none waits for another',
    seeds: 10,
    settings: { storageNodes: 3, lateStorageNodes: 0 },
    run: (stage) => {
      const { cluster } = stage;
      stage.form();
      const names = ['st1', 'st2', 'st3'];
      for (const name of names) cluster.queue.after(cluster.rng.between(0, 5), () => cluster.drainAndStop(name));
      stage.demand(
        cluster.runUntil(() => names.every((name) => !cluster.machine(name).isUp), 3_000),
        'a node waited for nobody',
      );
    },
  },
  {
    name: 'target-that-dies-before-the-commit-takes-nothing-along',
    promise:
      'a move target that is replaced after its last acknowledgement gets no partition, and the source keeps all keys',
    seeds: 10,
    run: (stage) => {
      const { cluster } = stage;
      stage.form();
      const client = stage.client();
      const keys = writeKeys(stage);
      let reports = 0;
      cluster.network.interfere = ({ subject }) => {
        if (subject !== subjects.moveFinished) return undefined;
        reports++;
        return { drop: true };
      };
      cluster.machine('st3').start();
      stage.demand(
        cluster.runUntil(() => reports > 0),
        'no copy was finished',
      );
      cluster.crash('st3');
      cluster.queue.runFor(stage.seed * 40);
      cluster.machine('st3').start();
      const isNamed = (): boolean => {
        const node = cluster.invariants.durableTable?.nodes.find(({ nodeId }) => nodeId === 'st3');
        return node?.incarnation === cluster.machine('st3').storageNode?.incarnation;
      };
      stage.demand(cluster.runUntil(isNamed), 'the new process was not admitted');
      cluster.network.interfere = undefined;
      stage.demand(
        cluster.runUntil(() => ownedBy(stage, 'st3') >= 5),
        'the new process got no partitions',
      );
      for (const key of keys) stage.demandOk(stage.ask(client, get(key)), `read of ${key}`, key);
    },
  },
  {
    name: 'suspected-target-is-not-committed',
    promise: 'a target that is suspected when the source reports the end of its copy does not become the owner',
    seeds: 10,
    run: (stage) => {
      const { cluster } = stage;
      stage.form();
      const client = stage.client();
      const keys = writeKeys(stage);
      const held: (() => void)[] = [];
      cluster.network.interfere = ({ subject }) =>
        subject === subjects.moveFinished ? { delayMs: 330 + stage.seed * 5 } : undefined;
      cluster.network.onPublished = watchReports(stage, () => {
        for (const action of held.splice(0)) action();
      });
      held.push(() => cluster.crash('st3'));
      cluster.machine('st3').start();
      stage.demand(
        cluster.runUntil(() => !cluster.machine('st3').isUp && cluster.machine('st3').lives === 1),
        'no copy was finished',
      );
      const isSuspect = (): boolean =>
        cluster.invariants.durableTable?.nodes.some(
          ({ nodeId, status }) => nodeId === 'st3' && status !== 'joining',
        ) === true;
      stage.demand(cluster.runUntil(isSuspect), 'the silence was not noticed');
      cluster.queue.runFor(1_000);
      stage.demand(ownedBy(stage, 'st3') === 0, 'a dead target became an owner');
      cluster.network.interfere = undefined;
      for (const key of keys) stage.demandOk(stage.ask(client, get(key)), `read of ${key}`, key);
    },
  },
];

function writeKeys(stage: Stage): string[] {
  const client = stage.client();
  const keys = Array.from({ length: 40 }, (_, i) => `k${i}`);
  for (const key of keys) stage.demandOk(stage.ask(client, set(key, key)), `write of ${key}`);
  return keys;
}

function ownedBy({ cluster }: Stage, node: string): number {
  const table = cluster.invariants.durableTable;
  const isOwned = table?.partitions.filter(
    ({ primary }) => primary !== NO_NODE && table.nodes[primary].nodeId === node,
  );
  return isOwned?.length ?? 0;
}

/** Asks through a gateway, as CLUSTER DRAIN does. */
function change({ cluster }: Stage, wanted: ClusterChange): boolean {
  let isDone: boolean | undefined;
  cluster.machine('gw1').gateway?.change([wanted], ({ ok }) => (isDone = ok));
  cluster.runUntil(() => isDone !== undefined);
  return isDone === true;
}

/** Calls back when the first copy to the end is reported. */
function watchReports({ cluster }: Stage, onReport: () => void): typeof cluster.network.onPublished {
  const before = cluster.network.onPublished;
  return (from, subject, payload, replyTo) => {
    before?.(from, subject, payload, replyTo);
    if (subject === subjects.moveFinished && decodeMoveFinished(payload).ok) onReport();
  };
}
