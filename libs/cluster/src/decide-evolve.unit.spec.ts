import fc from 'fast-check';
import type { ClusterChange } from './cluster-change.js';
import type { ClusterCommand } from './cluster-command.js';
import { decodeClusterState, encodeClusterState } from './cluster-state-codec.js';
import { EMPTY_CLUSTER_STATE, type ClusterState } from './cluster-state.js';
import { NO_NODE, type ClusterTable, type TableNode, type TableStore } from './cluster-table.js';
import { decide } from './decide.js';
import { EVENT_FIELDS, noticeOf } from './event-notice.js';
import { evolve } from './evolve.js';
import { CLUSTER_LIMITS } from './limits.js';
import { storeFromPreset } from './store-definition.js';

const node = (nodeId: string, incarnation = 1, role: TableNode['role'] = 'storage-node'): TableNode => ({
  nodeId,
  role,
  incarnation,
  softwareVersion: '1',
  endpoints: { host: 'h', respPort: 0, httpPort: 0, adminPort: 0 },
  zone: '',
  weight: 1,
  status: 'up',
});

const STORE: TableStore = { id: 0, ...storeFromPreset('general', { name: 'default' }) };

const FORM: ClusterCommand = {
  type: 'FormCluster',
  clusterId: 'c1',
  clusterName: 'test',
  hashSeed: 1,
  nodes: [node('a'), node('b'), node('g', 1, 'gateway')],
  owners: [[0], [1], [0], [1]],
  stores: [STORE],
};

function run(state: ClusterState, ...commands: ClusterCommand[]): ClusterState {
  return commands.reduce((current, command) => {
    const decision = decide(current, command);
    return decision.ok ? decision.events.reduce(evolve, current) : current;
  }, state);
}

function eventsOf(state: ClusterState, command: ClusterCommand): string[] {
  const decision = decide(state, command);
  return decision.ok ? decision.events.map((event) => event.type) : [`refused: ${decision.reason}`];
}

const FORMED = run(EMPTY_CLUSTER_STATE, FORM);

describe('deciding', () => {
  it('does nothing before a cluster exists, and forms it once', () => {
    expect(eventsOf(EMPTY_CLUSTER_STATE, { type: 'Suspect', nodeId: 'a' })).toEqual([
      'refused: there is no cluster yet',
    ]);
    expect(eventsOf(FORMED, FORM)).toEqual(['refused: the cluster exists already']);
  });

  it('begins a move only between storage nodes that are up', () => {
    const start = (partition: number, target: string, state = FORMED): string[] =>
      eventsOf(state, { type: 'StartMove', partition, target });
    expect(start(0, 'b')).toEqual(['MoveStarted']);
    expect(start(9, 'b')[0]).toMatch(/no partition 9/);
    expect(start(0, 'g')[0]).toMatch(/no storage node/);
    expect(start(0, 'x')[0]).toMatch(/no storage node/);
    expect(start(0, 'a')[0]).toMatch(/owns partition 0/);
    expect(start(0, 'b', run(FORMED, { type: 'Suspect', nodeId: 'a' }))[0]).toMatch(/owner "a" is not up/);
    expect(start(0, 'b', run(FORMED, { type: 'StartMove', partition: 0, target: 'b' }))[0]).toMatch(/moving already/);
  });

  it('ends the moves of a node before it says what became of the node', () => {
    const moving = run(
      FORMED,
      { type: 'StartMove', partition: 0, target: 'b' },
      { type: 'StartMove', partition: 1, target: 'a' },
    );
    expect(eventsOf(moving, { type: 'DeclareDown', nodeId: 'a' })).toEqual(['MoveAborted', 'MoveAborted', 'NodeDown']);
    expect(eventsOf(moving, { type: 'Leave', nodeId: 'b', incarnation: 1 })).toEqual([
      'MoveAborted',
      'MoveAborted',
      'NodeLeft',
    ]);
    expect(eventsOf(moving, { type: 'Announce', node: node('b', 2) })).toEqual([
      'MoveAborted',
      'MoveAborted',
      'NodeRestarted',
    ]);
    expect(eventsOf(moving, { type: 'AbortMove', partition: 0, moveId: 99, reason: '' })).toEqual([]);
  });

  it('forgets only members that are gone and own nothing', () => {
    const forget = (state: ClusterState, nodeId: string): string[] => eventsOf(state, { type: 'Forget', nodeId });
    expect(forget(FORMED, 'g')[0]).toMatch(/is up/);
    expect(forget(run(FORMED, { type: 'DeclareDown', nodeId: 'a' }), 'a')[0]).toMatch(/owns partitions/);
    expect(forget(run(FORMED, { type: 'DeclareDown', nodeId: 'g' }), 'g')).toEqual(['NodeForgotten']);
    expect(forget(FORMED, 'nobody')).toEqual([]);
  });

  it('bounds members', () => {
    const full: ClusterState = {
      ...FORMED,
      table: {
        ...(FORMED.table as ClusterTable),
        nodes: Array.from({ length: CLUSTER_LIMITS.maxNodes }, (_, i) => node(`n${i}`)),
      },
    };
    expect(eventsOf(full, { type: 'Announce', node: node('one-more') })[0]).toMatch(/as many members/);
  });
});

const IDS = ['a', 'b', 'c', 'd', 'g'];
const id = fc.constantFrom(...IDS);
const partition = fc.nat(3);
const name = fc.constantFrom('default', 'a', 'b');
const changes = { memoryLimitBytes: 2 ** 21, ttlPrefixChanges: [{ prefix: 'p', ttlMs: 5 }] };
const change: fc.Arbitrary<ClusterChange> = fc.oneof(
  name.map((each): ClusterChange => ({ type: 'CreateStore', definition: storeFromPreset('session', { name: each }) })),
  name.map((each): ClusterChange => ({ type: 'AlterStore', name: each, changes })),
  name.map((each): ClusterChange => ({ type: 'DropStore', name: each })),
  fc.record({
    type: fc.constant('ChangeSetting' as const),
    path: fc.constantFrom('b.c', 'a'),
    value: fc.constantFrom('1', '2'),
  }),
  fc.record({ type: fc.constant('ResetSetting' as const), path: fc.constantFrom('b.c', 'a') }),
  fc.record({ type: fc.constantFrom('DrainNode' as const, 'UndrainNode', 'ForgetNode'), nodeId: id }),
  fc.record({
    type: fc.constant('MovePrimary' as const),
    partition: fc.nat(4),
    target: fc.constantFrom('', ...IDS),
  }),
  fc.constant<ClusterChange>({ type: 'Rebalance' }),
  fc.record({ type: fc.constant('CancelMoves' as const), nodeId: fc.constantFrom('', ...IDS) }),
);
const commands: fc.Arbitrary<ClusterCommand>[] = [
  fc.record({
    type: fc.constant('Announce' as const),
    node: fc
      .tuple(id, fc.integer({ min: 1, max: 4 }))
      .map(([nodeId, incarnation]) => node(nodeId, incarnation, nodeId === 'g' ? 'gateway' : 'storage-node')),
  }),
  fc.record({ type: fc.constant('Suspect' as const), nodeId: id }),
  fc.record({ type: fc.constant('DeclareDown' as const), nodeId: id }),
  fc.record({ type: fc.constant('Forget' as const), nodeId: id }),
  fc.record({ type: fc.constant('Drain' as const), nodeId: id, incarnation: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ type: fc.constant('Leave' as const), nodeId: id, incarnation: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ type: fc.constant('StartMove' as const), partition, target: id }),
  fc.record({ type: fc.constant('StartMove' as const), partition, target: id }),
  fc.record({
    type: fc.constant('Change' as const),
    requestId: fc.constantFrom('', 'r1', 'r2'),
    changes: fc.array(change, { maxLength: 3 }),
  }),
];

/** Reports are made of what the table says at the time, so that many of them are right. */
type Step = ClusterCommand | { readonly type: 'Report'; readonly partition: number; readonly ok: boolean };
const report: fc.Arbitrary<Step> = fc.record({ type: fc.constant('Report' as const), partition, ok: fc.boolean() });
const steps = fc.array(fc.oneof<fc.Arbitrary<Step>[]>(...commands, report, report), { maxLength: 60 });

function commandOf(step: Step, table: ClusterTable): ClusterCommand {
  if (step.type !== 'Report') return step;
  const { epoch, owners, movingTo, moveId } = table.partitions[step.partition];
  const source = table.nodes[owners[0]];
  const target = movingTo === NO_NODE ? 'nobody' : table.nodes[movingTo].nodeId;
  const { incarnation, nodeId } = source;
  return {
    type: 'FinishMove',
    report: {
      clusterId: table.clusterId,
      partition: step.partition,
      epoch,
      source: nodeId,
      target,
      moveId,
      incarnation,
      targetIncarnation: table.nodes.find((each) => each.nodeId === target)?.incarnation ?? 0,
      ok: step.ok,
      reason: '',
    },
  };
}

/** A drained node owns nothing and gets nothing, and a draining one gets nothing. */
function expectDrainingSound({ table, draining }: ClusterState): void {
  if (table === undefined) return;
  for (const [nodeId, isDrained] of draining) {
    const index = table.nodes.findIndex((each) => each.nodeId === nodeId);
    expect(index).toBeGreaterThanOrEqual(0);
    const owned = table.partitions.filter(({ owners }) => owners.includes(index)).length;
    expect(isDrained).toBe(owned === 0);
    expect(table.partitions.some(({ movingTo }) => movingTo === index)).toBe(false);
  }
  for (const { nodeId, status } of table.nodes) if (status === 'draining') expect(draining.has(nodeId)).toBe(true);
}

function expectSound(before: ClusterTable, after: ClusterTable, eventCount: number): void {
  expect(after.tableVersion).toBe(before.tableVersion + eventCount);
  after.partitions.forEach((current, number) => {
    const earlier = before.partitions[number];
    const ownerOf = (table: ClusterTable): TableNode => table.nodes[table.partitions[number].owners[0]];
    const [was, is] = [ownerOf(before), ownerOf(after)];
    expect(current.owners).toHaveLength(1);
    const hasChanged = was.nodeId !== is.nodeId || was.incarnation !== is.incarnation;
    expect(current.epoch).toBe(earlier.epoch + (hasChanged ? 1 : 0));
    if (current.movingTo !== NO_NODE) {
      expect(['up', 'suspect', 'draining']).toContain(is.status);
      expect(['up', 'suspect', 'joining']).toContain(after.nodes[current.movingTo].status);
    }
  });
}

describe('any history', () => {
  it('keeps the table sound, its epochs growing with owners and processes, and its bytes readable', () => {
    fc.assert(
      fc.property(steps, (history) => {
        let state = FORMED;
        for (const step of history) {
          const before = state.table as ClusterTable;
          const decision = decide(state, commandOf(step, before));
          if (!decision.ok) continue;
          state = decision.events.reduce(evolve, state);
          expectSound(before, state.table as ClusterTable, decision.events.length);
          expectDrainingSound(state);
          for (const event of decision.events) {
            expect(Object.keys(noticeOf(event, 1, 1).fields)).toEqual([...EVENT_FIELDS[event.type]]);
          }
        }
        expect(decodeClusterState(encodeClusterState(state))).toEqual(state);
      }),
      { numRuns: 300 },
    );
  });

  it('remembers a bounded number of replaced processes', () => {
    let state = FORMED;
    for (let incarnation = 2; incarnation < 40; incarnation++) {
      state = run(state, { type: 'Announce', node: node('a', incarnation) });
    }
    expect(state.superseded.get('a')).toEqual(Array.from({ length: 16 }, (_, i) => 23 + i));
    expect(eventsOf(state, { type: 'Announce', node: node('a', 38) })[0]).toMatch(/later process/);
  });
});
