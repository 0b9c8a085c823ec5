import type { ClusterChange } from './cluster-change.js';
import type { ClusterCommand } from './cluster-command.js';
import { EMPTY_CLUSTER_STATE, type ClusterState } from './cluster-state.js';
import { settledPartition, type ClusterTable, type TableNode } from './cluster-table.js';
import { decide } from './decide.js';
import { evolve } from './evolve.js';
import type { NodeStatus } from './member.js';
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

/** Refusals are not expected. */
function after(state: ClusterState, ...commands: ClusterCommand[]): ClusterState {
  return commands.reduce((current, command) => {
    const decision = decide(current, command);
    if (!decision.ok) throw new Error(decision.reason);
    return decision.events.reduce(evolve, current);
  }, state);
}

let requests = 0;
const change = (...changes: ClusterChange[]): ClusterCommand => ({
  type: 'Change',
  requestId: `r${++requests}`,
  changes,
});

function outcome(state: ClusterState, command: ClusterCommand): string[] {
  const decision = decide(state, command);
  if (!decision.ok) return [`${decision.code ?? 'refused'}: ${decision.reason}`];
  return decision.events.map((event) => ('nodeId' in event ? `${event.type} ${event.nodeId}` : event.type));
}

const FORMED = after(EMPTY_CLUSTER_STATE, {
  type: 'FormCluster',
  clusterId: 'c1',
  clusterName: 'test',
  hashSeed: 1,
  nodes: [node('a'), node('b'), node('g', 1, 'gateway')],
  owners: [[0], [1], [0], [1]],
  stores: [{ id: 0, ...storeFromPreset('general', { name: 'default' }) }],
});

const status = ({ table }: ClusterState, nodeId: string): NodeStatus | undefined =>
  table?.nodes.find((each) => each.nodeId === nodeId)?.status;
const drain = (nodeId: string): ClusterCommand => change({ type: 'DrainNode', nodeId });
const start = (partition: number, target: string): ClusterCommand => ({ type: 'StartMove', partition, target });

function finish(state: ClusterState, partition: number, over: object = {}): ClusterCommand {
  const table = state.table as ClusterTable;
  const { epoch, moveId, owners, movingTo } = table.partitions[partition];
  const [source, target] = [table.nodes[owners[0]], table.nodes[movingTo]];
  const report = {
    clusterId: 'c1',
    partition,
    epoch,
    source: source.nodeId,
    target: target.nodeId,
    moveId,
    incarnation: source.incarnation,
    targetIncarnation: target.incarnation,
    ok: true,
    reason: '',
  };
  return { type: 'FinishMove', report: { ...report, ...over } };
}

describe('draining', () => {
  it('ends when the last partition has gone', () => {
    let state = after(FORMED, drain('a'), start(0, 'b'));
    expect(status(state, 'a')).toBe('draining');
    expect(outcome(state, finish(state, 0))).toEqual(['PartitionMoved']);
    state = after(state, finish(state, 0), start(2, 'b'));
    expect(outcome(state, finish(state, 2))).toEqual(['PartitionMoved', 'NodeDrained a']);
    state = after(state, finish(state, 2));
    expect(state.draining).toEqual(new Map([['a', true]]));
    expect(outcome(state, drain('a'))).toEqual([]);
    expect(outcome(state, start(1, 'a'))).toEqual(['refused: "a" is no storage node that is up']);
  });

  it('is over at once for a node that owns nothing, and takes moves to it back', () => {
    const joined = after(FORMED, { type: 'Announce', node: node('c') });
    expect(status(joined, 'c')).toBe('joining');
    expect(outcome(joined, drain('c'))).toEqual(['NodeDraining c', 'NodeDrained c']);
    expect(outcome(after(joined, start(0, 'c')), drain('c'))).toEqual([
      'MoveAborted',
      'NodeDraining c',
      'NodeDrained c',
    ]);
  });

  it('is refused with what to do instead', () => {
    expect(outcome(FORMED, drain('x'))).toEqual(['unknown-node: there is no node "x"; nodes: a, b, g']);
    expect(outcome(FORMED, drain('g'))).toEqual(['invalid: "g" is a gateway; only storage nodes own partitions']);
    expect(outcome(after(FORMED, drain('a')), drain('b'))).toEqual([
      'conflict: no other storage node is up that could take over from "b": start one first',
    ]);
    expect(outcome(after(FORMED, { type: 'DeclareDown', nodeId: 'a' }), drain('a'))).toEqual([
      'conflict: "a" is down and can hand nothing over: start it again',
    ]);
  });

  it('survives silence, and ends with a new process or by wish', () => {
    const draining = after(FORMED, drain('a'));
    const back = after(
      draining,
      { type: 'Suspect', nodeId: 'a' },
      { type: 'DeclareDown', nodeId: 'a' },
      { type: 'Announce', node: node('a') },
    );
    expect(status(back, 'a')).toBe('draining');
    const restarted = after(draining, { type: 'Announce', node: node('a', 2) });
    expect(status(restarted, 'a')).toBe('up');
    expect(restarted.draining.size).toBe(0);
    const undrain = change({ type: 'UndrainNode', nodeId: 'a' });
    expect(outcome(after(draining, start(0, 'b')), undrain)).toEqual(['MoveAborted', 'NodeUndrained a']);
    expect(status(after(draining, undrain), 'a')).toBe('up');
    expect(outcome(FORMED, undrain)).toEqual([]);
  });

  it('may be asked for by the process itself, and by no other', () => {
    const asks = (incarnation: number): ClusterCommand => ({ type: 'Drain', nodeId: 'a', incarnation });
    expect(outcome(FORMED, asks(1))).toEqual(['NodeDraining a']);
    expect(outcome(FORMED, asks(2))).toEqual(['refused: the process is not "a"']);
  });
});

describe('forgetting', () => {
  const forget = (nodeId: string): ClusterCommand => change({ type: 'ForgetNode', nodeId });

  it('takes a member off the table that is gone and owns nothing', () => {
    expect(outcome(after(FORMED, { type: 'DeclareDown', nodeId: 'g' }), forget('g'))).toEqual(['NodeForgotten g']);
    expect(outcome(FORMED, forget('g'))).toEqual(['conflict: "g" is up: stop its process first']);
    expect(outcome(FORMED, forget('nobody'))[0]).toMatch(/^unknown-node: /);
    expect(outcome(after(FORMED, { type: 'Leave', nodeId: 'a', incarnation: 1 }), forget('a'))).toEqual([
      'conflict: "a" owns 2 partitions, which nobody else has: start it again and CLUSTER DRAIN a',
    ]);
  });

  it('takes out a coordinator that the table never had', () => {
    const command: ClusterCommand = {
      type: 'Change',
      requestId: 'r',
      changes: [{ type: 'ForgetNode', nodeId: 'c' }],
      coordinators: new Set(['c']),
    };
    expect(outcome(FORMED, command)).toEqual(['NodeForgotten c']);
    const forgotten = after(FORMED, command);
    expect(forgotten.table).toEqual({ ...FORMED.table, tableVersion: 2 });
    expect(forgotten.requests.get('r')).toBe(2);
  });
});

describe('a failover by hand', () => {
  const move = (partition: number, target = ''): ClusterCommand => change({ type: 'MovePrimary', partition, target });

  it('moves a partition to a node that is up, or to the one with the least', () => {
    expect(outcome(FORMED, move(0, 'b'))).toEqual(['MoveStarted']);
    const command = move(0);
    const moving = after(FORMED, { type: 'Announce', node: node('c') }, command);
    expect(moving.table?.partitions[0].movingTo).toBe(3);
    expect(outcome(moving, command)).toEqual([]);
    expect(outcome(FORMED, move(0, 'a'))).toEqual([]);
  });

  it.each([
    [move(9), /^invalid: there is no partition 9; allowed: 0 to 3$/],
    [move(0, 'x'), /^unknown-node: /],
    [move(0, 'g'), /^conflict: "g" is a gateway; partitions go to storage nodes that are up$/],
  ])('is refused: %j', (command, reason) => {
    expect(outcome(FORMED, command)[0]).toMatch(reason);
  });

  it('is refused while a node is not up, or the partition is under way', () => {
    const down = after(FORMED, { type: 'DeclareDown', nodeId: 'b' });
    expect(outcome(down, move(0, 'b'))[0]).toMatch(/^conflict: "b" is down/);
    expect(outcome(down, move(0))[0]).toMatch(/^conflict: no other storage node is up/);
    expect(outcome(down, move(1, 'a'))).toEqual(['conflict: the owner "b" is not up']);
    expect(outcome(after(FORMED, start(0, 'b')), move(0, 'b'))).toEqual(['conflict: partition 0 is moving already']);
  });
});

describe('stopping and requesting rebalancing', () => {
  const stop = (nodeId: string): ClusterCommand => change({ type: 'CancelMoves', nodeId });

  it('ends moves, but not those off draining nodes, and lasts until the next request', () => {
    const joined = after(FORMED, { type: 'Announce', node: node('c') }, start(0, 'b'), start(1, 'c'));
    expect(outcome(joined, stop(''))).toEqual(['MoveAborted', 'MoveAborted', 'RebalanceStopped']);
    expect(outcome(joined, stop('c'))).toEqual(['MoveAborted', 'RebalanceStopped']);
    expect(outcome(joined, stop('x'))[0]).toMatch(/^unknown-node: /);
    const draining = after(joined, { type: 'Drain', nodeId: 'a', incarnation: 1 });
    expect(outcome(draining, stop(''))).toEqual(['MoveAborted', 'RebalanceStopped']);
    const stopped = after(joined, stop(''));
    expect(stopped.rebalanceStopped).toBe(true);
    expect(after(stopped, change({ type: 'Rebalance' })).rebalanceStopped).toBe(false);
  });
});

describe('a target that may have lost its copy', () => {
  const moving = after(FORMED, start(0, 'b'));

  it.each([
    ['is another process', moving, { targetIncarnation: 2 }],
    ['is suspect', after(moving, { type: 'Suspect', nodeId: 'b' }), {}],
  ])('gets no partition: it %s', (_name, state, over) => {
    const done = after(state, finish(state, 0, over));
    expect(done.table?.partitions[0]).toEqual(settledPartition(1, [0]));
    expect(outcome(state, finish(state, 0, over))).toEqual(['MoveAborted']);
  });
});

it('a process that announces another weight changes its share', () => {
  const state = after(FORMED, { type: 'Announce', node: { ...node('a'), weight: 3 } });
  expect(state.table?.nodes[0]).toMatchObject({ weight: 3, status: 'up' });
});
