import {
  EMPTY_CLUSTER_STATE,
  evolve,
  NO_NODE,
  storeFromPreset,
  type ClusterEvent,
  type ClusterState,
  type ClusterTable,
  type TableNode,
} from '#libs/cluster';
import { murmur3Positions } from '#libs/ring';
import type { OwnerStandings, Step } from './rebalance-steps.js';
import { Rebalancer } from './rebalancer.js';

const PARTITIONS = 64;

const node = (nodeId: string, weight = 1): TableNode => ({
  nodeId,
  role: 'storage-node',
  incarnation: 1,
  softwareVersion: '',
  endpoints: { host: 'h', respPort: 0, httpPort: 0, adminPort: 0 },
  zone: '',
  weight,
  status: 'up',
});

/** Every partition belongs to the first node, or to those that `owners` names. */
function formed(nodes: readonly TableNode[], ownerOf: (partition: number) => number = () => 0): ClusterState {
  return evolve(EMPTY_CLUSTER_STATE, {
    type: 'ClusterFormed',
    clusterId: 'c',
    clusterName: 'c',
    hashSeed: 0,
    nodes,
    owners: Array.from({ length: PARTITIONS }, (_, partition) => [ownerOf(partition)]),
    stores: [{ id: 0, ...storeFromPreset('general', { name: 'default' }) }],
  });
}

const after = (state: ClusterState, ...events: ClusterEvent[]): ClusterState => events.reduce(evolve, state);
const tableOf = (state: ClusterState): ClusterTable => state.table as ClusterTable;
const draining = (nodeId: string): ClusterEvent => ({ type: 'NodeDraining', nodeId, requestId: '' });

function loads({ nodes, partitions }: ClusterTable): Record<string, number> {
  const counts = Object.fromEntries(nodes.map(({ nodeId }) => [nodeId, 0]));
  for (const { owners } of partitions) counts[nodes[owners[0]].nodeId]++;
  return counts;
}

type PlannedMove = Pick<Extract<Step, { kind: 'move' }>, 'partition' | 'target'>;

/** Sole owners have nobody to be in sync with. */
const NOBODY: OwnerStandings = { isServed: () => false, isInSync: () => false };

function ask(rebalancer: Rebalancer, state: ClusterState, limit = PARTITIONS, only = false): readonly PlannedMove[] {
  const terms = { moves: limit, changes: limit, onlyDraining: only, isLost: () => true };
  return rebalancer.next(state, tableOf(state), terms).map((step) => {
    if (step.kind !== 'move') throw new Error(`a ${step.kind} of a sole owner`);
    const { nodes, partitions } = tableOf(state);
    expect(step.replaces).toBe(nodes[partitions[step.partition].owners[0]].nodeId);
    return { partition: step.partition, target: step.target };
  });
}

function move(state: ClusterState, { partition, target }: PlannedMove): ClusterState {
  const { nodes, partitions } = tableOf(state);
  const ends = { partition, source: nodes[partitions[partition].owners[0]].nodeId, target };
  return after(
    state,
    { type: 'MoveStarted', ...ends, replaces: ends.source, requestId: '' },
    { type: 'PartitionMoved', ...ends },
  );
}

/** Carries out what it plans, a few moves at a time, until it plans nothing. */
function settle(rebalancer: Rebalancer, from: ClusterState, only = false): { state: ClusterState; moves: number } {
  let state = from;
  let moves = 0;
  for (let rounds = 0; rounds < 2 * PARTITIONS; rounds++) {
    const planned = ask(rebalancer, state, 4, only);
    if (planned.length === 0) break;
    state = planned.reduce(move, state);
    moves += planned.length;
  }
  return { state, moves };
}

/** Three nodes with 22, 21 and 21 partitions. */
const EVEN = formed([node('a'), node('b'), node('c')], (partition) => partition % 3);

describe('the rebalancer', () => {
  it('plans nothing where every node has its share', () => {
    expect(ask(new Rebalancer(NOBODY), EVEN)).toEqual([]);
  });

  it('gives a node that joins its share, and moves no more than that', () => {
    const joined = after(EVEN, { type: 'NodeJoined', node: node('d') });
    const { state, moves } = settle(new Rebalancer(NOBODY), joined);
    expect(loads(tableOf(state))).toEqual({ a: 16, b: 16, c: 16, d: 16 });
    expect(moves).toBe(16);
  });

  it('goes by the ring that is configured', () => {
    const joined = after(EVEN, { type: 'NodeJoined', node: node('d') });
    const plans = [{}, { hash: murmur3Positions }, { virtualNodes: 1 }].map((ring) =>
      ask(new Rebalancer(NOBODY, ring), joined),
    );
    expect(plans.map((moves) => moves.length)).toEqual([16, 16, 16]);
    expect(new Set(plans.map((moves) => JSON.stringify(moves))).size).toBe(3);
  });

  it('follows a weight that changes', () => {
    const { state } = settle(new Rebalancer(NOBODY), after(EVEN, { type: 'NodeChanged', nodeId: 'a', weight: 2 }));
    expect(loads(tableOf(state))).toEqual({ a: 32, b: 16, c: 16 });
  });

  it('takes everything from a draining node, before anything else moves', () => {
    const rebalancer = new Rebalancer(NOBODY);
    const state = after(EVEN, { type: 'NodeJoined', node: node('d') }, draining('b'));
    const { partitions } = tableOf(state);
    const planned = ask(rebalancer, state, 21);
    expect(new Set(planned.map(({ partition }) => partitions[partition].owners[0]))).toEqual(new Set([1]));
    expect(loads(tableOf(settle(rebalancer, state).state))).toMatchObject({ b: 0, d: expect.any(Number) });
  });

  it('keeps the others even when a node drains', () => {
    const { state } = settle(new Rebalancer(NOBODY), after(EVEN, draining('a')));
    expect(loads(tableOf(state))).toEqual({ a: 0, b: 32, c: 32 });
    const undrained = after(state, { type: 'NodeUndrained', nodeId: 'a', requestId: '' });
    expect(Object.values(loads(tableOf(settle(new Rebalancer(NOBODY), undrained).state))).toSorted()).toEqual([
      21, 21, 22,
    ]);
  });

  it('moves nothing but what drains where that is all that is wanted', () => {
    const state = after(EVEN, { type: 'NodeJoined', node: node('d') }, draining('a'));
    const { state: settled } = settle(new Rebalancer(NOBODY), state, true);
    const { a, b, c } = loads(tableOf(settled));
    expect(a).toBe(0);
    expect([b, c].every((load) => load >= 21)).toBe(true);
    expect(ask(new Rebalancer(NOBODY), after(EVEN, { type: 'NodeJoined', node: node('d') }), 9, true)).toEqual([]);
  });

  it('moves nothing where all nodes drain', () => {
    expect(ask(new Rebalancer(NOBODY), after(EVEN, draining('a'), draining('b'), draining('c')))).toEqual([]);
  });

  it('leaves a few partitions that were moved by hand where they are, and sees to more than a tenth', () => {
    const rebalancer = new Rebalancer(NOBODY);
    expect(ask(rebalancer, EVEN)).toEqual([]);
    const byHand = (state: ClusterState, count: number): ClusterState => {
      const { partitions } = tableOf(state);
      const ofA = partitions.flatMap(({ owners }, partition) => (owners[0] === 0 ? [partition] : []));
      return ofA.slice(0, count).reduce((next, partition) => move(next, { partition, target: 'b' }), state);
    };
    expect(ask(rebalancer, byHand(EVEN, 2))).toEqual([]);
    const moved = byHand(EVEN, 8);
    expect(ask(rebalancer, moved).length).toBeGreaterThan(5);
    expect(Object.values(loads(tableOf(settle(rebalancer, moved).state))).every((load) => load >= 21)).toBe(true);
  });

  it('begins no move from or to a node that is not up, and waits with its goal', () => {
    const rebalancer = new Rebalancer(NOBODY);
    const joined = after(EVEN, { type: 'NodeJoined', node: node('d') }, { type: 'NodeSuspected', nodeId: 'd' });
    expect(ask(rebalancer, joined)).toEqual([]);
    expect(ask(rebalancer, after(joined, { type: 'NodeUp', nodeId: 'd' }))).toHaveLength(16);
    const silent = after(EVEN, draining('a'), { type: 'NodeDown', nodeId: 'a' });
    expect(ask(rebalancer, silent)).toEqual([]);
    expect(ask(rebalancer, after(silent, { type: 'NodeUp', nodeId: 'a' }))).toHaveLength(22);
  });

  it('goes on after a restart of the coordinator, counting what moves already', () => {
    const joined = after(EVEN, { type: 'NodeJoined', node: node('d') });
    const [first] = ask(new Rebalancer(NOBODY), joined);
    const source = tableOf(joined).nodes[tableOf(joined).partitions[first.partition].owners[0]].nodeId;
    const begun = after(joined, { type: 'MoveStarted', ...first, source, replaces: source, requestId: '' });
    expect(tableOf(begun).partitions[first.partition].movingTo).not.toBe(NO_NODE);
    expect(ask(new Rebalancer(NOBODY), begun)).toHaveLength(15);
  });
});
