/** Three coordinators: what the cluster can do while some of them are gone, cut off or without their disk. */
import { storeFromPreset, type ChangeReply, type ClusterChange } from '#libs/cluster';
import { get, set } from './client-command.js';
import { coordinatorName } from './cluster-settings.js';
import type { Scenario, Stage } from './stage.js';

const THREE = { coordinators: 3 };
const NAMES = [0, 1, 2].map(coordinatorName);
const ELECTION_LIMIT_MS = 1_500;

export const COORDINATOR_SCENARIOS: readonly Scenario[] = [
  {
    name: 'coordinator-leader-killed-under-load',
    promise:
      'while the leader among three coordinators dies no client notices, and another one makes changes soon after',
    seeds: 10,
    settings: THREE,
    run: (stage) => {
      const { cluster } = stage;
      formAll(stage);
      const client = stage.client();
      const first = leaderName(stage);
      cluster.crash(first, stage.seed % 2 === 0 ? 'kept' : 'lost');
      const killedMs = cluster.queue.nowMs;
      const silentMs = (): number => cluster.queue.nowMs - killedMs;
      for (let i = 0; cluster.leader === undefined && silentMs() < ELECTION_LIMIT_MS; i++) {
        stage.demandOk(stage.ask(client, set(`k${i}`, 'v')), 'write without a leader');
      }
      if (cluster.leader === undefined) return stage.demand(false, `no leader within ${ELECTION_LIMIT_MS} ms`);
      stage.demand(change(stage, create('a'))?.accepted === true, 'the new leader refuses a change');
      cluster.machine(first).start();
      awaitSameTables(stage);
      stage.demandOk(stage.ask(client, get('k0')), 'read', 'v');
    },
  },
  {
    name: 'coordinators-without-a-majority',
    promise:
      'one of three coordinators changes nothing, data flows on, and with a second one everything goes on by itself',
    seeds: 10,
    settings: THREE,
    run: (stage) => {
      const { cluster } = stage;
      formAll(stage);
      const client = stage.client();
      const last = leaderName(stage);
      const others = NAMES.filter((name) => name !== last);
      for (const name of others) cluster.crash(name, 'lost');
      cluster.runUntil(() => cluster.leader === undefined, ELECTION_LIMIT_MS);
      stage.demand(cluster.leader === undefined, 'it leads alone');
      const reply = change(stage, create('a'), last);
      stage.demand(reply?.accepted === false && reply.code === 'no-quorum', `the answer was ${JSON.stringify(reply)}`);
      stage.demandOk(stage.ask(client, set('k', 'v')), 'write without a quorum');
      cluster.machine(others[0]).start();
      stage.demand(
        cluster.runUntil(() => cluster.leader !== undefined, 2 * ELECTION_LIMIT_MS),
        'no leader with a majority',
      );
      stage.demand(change(stage, create('b'))?.accepted === true, 'the leader refuses a change');
      stage.demandOk(stage.ask(client, get('k')), 'read', 'v');
    },
  },
  {
    name: 'coordinator-leader-cut-off-during-moves',
    promise:
      'a leader that the others do not reach any more, but storage nodes do, ends no move that its successor does not',
    seeds: 20,
    settings: THREE,
    run: (stage) => {
      const { cluster } = stage;
      formAll(stage);
      const client = stage.client();
      for (let i = 0; i < 20; i++) stage.demandOk(stage.ask(client, set(`k${i}`, `v${i}`)), `write ${i}`);
      const first = leaderName(stage);
      cluster.machine('st3').start();
      cluster.queue.runFor(150 + (stage.seed % 20) * 10);
      for (const other of NAMES.filter((name) => name !== first)) {
        cluster.network.block(first, other);
        cluster.network.block(other, first);
      }
      stage.demand(
        cluster.runUntil(() => leaderName(stage) !== first && leaderName(stage) !== '', 2 * ELECTION_LIMIT_MS),
        'no other leader',
      );
      cluster.queue.runFor(1_000);
      cluster.network.healAll();
      awaitSameTables(stage);
      stage.demand(
        cluster.runUntil(() => cluster.isReady),
        'not ready',
      );
      for (let i = 0; i < 20; i++) stage.demandOk(stage.ask(client, get(`k${i}`)), `read ${i}`, `v${i}`);
    },
  },
  {
    name: 'coordinator-without-its-disk-is-refused-until-forgotten',
    promise:
      'a coordinator that has lost its disk takes no part until somebody says that the old one will not come back',
    seeds: 5,
    settings: THREE,
    run: (stage) => {
      const { cluster } = stage;
      formAll(stage);
      const victim = NAMES.find((name) => name !== leaderName(stage)) as string;
      cluster.crash(victim);
      cluster.machine(victim).storage.files.clear();
      cluster.machine(victim).start();
      cluster.queue.runFor(3_000);
      stage.demand(cluster.machine(victim).coordinator?.raft === undefined, 'it was taken in');
      stage.demand(voters(stage) === 3, 'the voters have changed');
      stage.demand(change(stage, { type: 'ForgetNode', nodeId: victim })?.accepted === true, 'it cannot be forgotten');
      stage.demand(
        cluster.runUntil(() => cluster.machine(victim).coordinator?.raft !== undefined && voters(stage) === 3),
        'it was not taken in',
      );
      awaitSameTables(stage);
    },
  },
];

/** Until all three vote, stand in the table and have it. */
function formAll(stage: Stage): void {
  stage.form();
  stage.demand(
    stage.cluster.runUntil(() => voters(stage) === NAMES.length),
    'they do not all vote',
  );
  const listed = (): number =>
    stage.cluster.invariants.durableTable?.nodes.filter(({ role }) => role === 'coordinator').length ?? 0;
  stage.demand(
    stage.cluster.runUntil(() => listed() === NAMES.length),
    'they are not all in the table',
  );
  awaitSameTables(stage);
}

function leaderName(stage: Stage): string {
  const leaders = stage.cluster.of('coordinator').filter(({ coordinator }) => coordinator?.isLeading === true);
  const terms = leaders.map(({ coordinator }) => coordinator?.raft?.status.term ?? 0);
  return leaders[terms.indexOf(Math.max(...terms))]?.name ?? '';
}

function voters(stage: Stage): number {
  return stage.cluster.leader?.coordinator?.raft?.status.configuration.voters.length ?? 0;
}

function awaitSameTables(stage: Stage): void {
  const versions = (): Set<number> =>
    new Set(NAMES.map((name) => stage.cluster.machine(name).coordinator?.clusterTable()?.tableVersion ?? -1));
  stage.demand(
    stage.cluster.runUntil(() => versions().size === 1 && !versions().has(-1)),
    `the coordinators have different tables: ${[...versions()].join(', ')}`,
  );
}

const create = (name: string): ClusterChange => ({
  type: 'CreateStore',
  definition: storeFromPreset('general', { name, memoryLimitBytes: 1024 * 1024 }),
});

/** Asks the leader, or one by name, and waits for the answer. */
function change(stage: Stage, asked: ClusterChange, name = leaderName(stage)): ChangeReply | undefined {
  const { cluster } = stage;
  const { process, coordinator } = cluster.machine(name);
  const clusterId = cluster.invariants.durableTable?.clusterId ?? '';
  let reply: ChangeReply | undefined;
  const request = { clusterId, requestId: `scenario-${cluster.queue.nowMs.toFixed(0)}`, changes: [asked] };
  process?.enter(() => coordinator?.change(request, (answer) => (reply = answer)));
  cluster.runUntil(() => reply !== undefined, 2_000);
  return reply;
}
