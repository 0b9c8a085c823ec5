import {
  EMPTY_CLUSTER_STATE,
  decide,
  evolve,
  storeFromPreset,
  type ClusterCommand,
  type ClusterEvent,
  type ClusterState,
  type ClusterTable,
  type TableNode,
} from '#libs/cluster';
import { analyse, place, plannedOwners } from '#libs/ring';
import type { OwnerStandings, Step } from './rebalance-steps.js';
import { Rebalancer } from './rebalancer.js';

const node = (nodeId: string, zone = '', weight = 1): TableNode => ({
  nodeId,
  role: 'storage-node',
  incarnation: 1,
  softwareVersion: '',
  endpoints: { host: 'h', respPort: 0, httpPort: 0, adminPort: 0 },
  zone,
  weight,
  status: 'up',
  replicates: true,
});
const many = (count: number): TableNode[] => Array.from({ length: count }, (_, i) => node(`n${i}`));

const store = (replicas: number, id = 0) => ({
  id,
  ...storeFromPreset('general', { name: id === 0 ? 'default' : `s${id}`, replicas }),
});

/** Placed as a new cluster is. */
function formed(nodes: readonly TableNode[], partitionCount: number, ...factors: number[]): ClusterState {
  const indexOf = new Map(nodes.map(({ nodeId }, index) => [nodeId, index]));
  const placement = place({
    partitionCount,
    nodes: nodes.map(({ nodeId, zone, weight }) => ({ id: nodeId, zone, weight })),
    replicationFactor: Math.max(...factors),
  });
  return evolve(EMPTY_CLUSTER_STATE, {
    type: 'ClusterFormed',
    clusterId: 'c',
    clusterName: 'c',
    hashSeed: 0,
    nodes,
    owners: placement.map((ids) => ids.map((id) => indexOf.get(id) as number)),
    stores: factors.map(store),
  });
}

const tableOf = ({ table }: ClusterState): ClusterTable => table as ClusterTable;
const after = (state: ClusterState, ...events: ClusterEvent[]): ClusterState => events.reduce(evolve, state);
const joined = (state: ClusterState, ...nodes: TableNode[]): ClusterState =>
  after(state, ...nodes.map((each): ClusterEvent => ({ type: 'NodeJoined', node: each })));
const down = (state: ClusterState, nodeId: string): ClusterState =>
  apply(state, { type: 'DeclareDown', nodeId, promotes: true });

function apply(state: ClusterState, command: ClusterCommand): ClusterState {
  const decision = decide(state, command);
  if (!decision.ok) throw new Error(decision.reason);
  return decision.events.reduce(evolve, state);
}

const ALL_WELL: OwnerStandings = { isServed: () => true, isInSync: () => true };

function ask(rebalancer: Rebalancer, state: ClusterState, lost: readonly string[] = [], limit = 16): readonly Step[] {
  const isLost = (nodeId: string): boolean => lost.includes(nodeId);
  return rebalancer.next(state, tableOf(state), { moves: limit, changes: limit, onlyDraining: false, isLost });
}

/** Carries a step out as far as its report, and the report that the new epoch is served. */
function take(state: ClusterState, step: Step): ClusterState {
  const { partition } = step;
  let next: ClusterState;
  if (step.kind === 'move') {
    const { nodes, partitions } = tableOf(state);
    const source = nodes[partitions[partition].primary].nodeId;
    next = apply(state, { type: 'StartMove', partition, target: step.target, replaces: step.replaces });
    next = after(next, { type: 'PartitionMoved', partition, source, target: step.target });
  } else if (step.kind === 'remove') next = apply(state, { type: 'RemoveOwner', partition, nodeId: step.nodeId });
  else next = apply(state, { type: 'HandBack', partition, epoch: step.epoch, primary: step.primary });
  const { epoch, outgoing } = tableOf(next).partitions[partition];
  return outgoing.length === 0 ? next : after(next, { type: 'EpochServed', partition, epoch });
}

interface Settled {
  readonly state: ClusterState;
  readonly taken: Readonly<Record<Step['kind'], number>>;
}

function settle(rebalancer: Rebalancer, from: ClusterState, lost: readonly string[] = []): Settled {
  const taken = { move: 0, remove: 0, 'hand-back': 0 };
  let state = from;
  for (let rounds = 0; rounds < 2000; rounds++) {
    const steps = ask(rebalancer, state, lost);
    if (steps.length === 0) return { state, taken };
    expect(new Set(steps.map(({ partition }) => partition)).size).toBe(steps.length);
    for (const step of steps) taken[step.kind]++;
    state = steps.reduce(take, state);
  }
  throw new Error('it does not come to an end');
}

const holders = ({ nodes }: ClusterTable): { id: string; weight: number; zone: string }[] =>
  nodes.filter(({ status }) => status !== 'down').map(({ nodeId, weight, zone }) => ({ id: nodeId, weight, zone }));

/** Copies and primaries of every node that is up are its share, within one. */
function expectEven(table: ClusterTable, copies: number): void {
  const { partitions } = table;
  expect(partitions.every(({ owners }) => owners.length === copies)).toBe(true);
  const nodes = holders(table);
  const weights = nodes.reduce((sum, { weight }) => sum + weight, 0);
  for (const [index, load] of analyse(plannedOwners(table), nodes).nodes.entries()) {
    expect(Math.abs(load.partitions - load.share)).toBeLessThanOrEqual(1);
    expect(Math.abs(load.primaries - (partitions.length * nodes[index].weight) / weights)).toBeLessThanOrEqual(1);
  }
}

describe('the rebalancer, with several copies', () => {
  it('plans nothing where everything lies as it should', () => {
    expect(ask(new Rebalancer(ALL_WELL), formed(many(5), 64, 3))).toEqual([]);
  });

  it('spreads 256 partitions over 4 to 14 nodes as they join, and over fewer as they are lost', () => {
    const rebalancer = new Rebalancer(ALL_WELL);
    let state = formed(many(4), 256, 3);
    for (let count = 5; count <= 14; count++) {
      const { state: next, taken } = settle(rebalancer, joined(state, node(`n${count - 1}`)));
      expectEven(tableOf(next), 3);
      expect(taken.move).toBeLessThanOrEqual(Math.ceil((1.25 * 256 * 3) / count));
      expect(taken.remove).toBe(0);
      state = next;
    }
    const lost: string[] = [];
    for (let count = 13; count >= 10; count--) {
      lost.push(`n${count}`);
      const { state: next, taken } = settle(rebalancer, down(state, `n${count}`), lost);
      expectEven(tableOf(next), 3);
      expect(taken.move).toBeLessThanOrEqual(Math.ceil((1.25 * 256 * 3) / (count + 1)) + 1);
      state = next;
    }
  });

  it('does the same for 100 nodes and 2,048 partitions', () => {
    const rebalancer = new Rebalancer(ALL_WELL);
    const full = formed(many(99), 2048, 3);
    const grown = settle(rebalancer, joined(full, node('late')));
    expectEven(tableOf(grown.state), 3);
    expect(grown.taken.move).toBeLessThanOrEqual(Math.ceil((1.25 * 2048 * 3) / 100));
    const shrunk = settle(rebalancer, down(grown.state, 'n7'), ['n7']);
    expectEven(tableOf(shrunk.state), 3);
    expect(shrunk.taken.move).toBeLessThanOrEqual(Math.ceil((1.25 * 2048 * 3) / 100) + 1);
  });

  it('follows weights and zones', () => {
    const zones = ['a', 'b', 'c'].flatMap((zone) => [node(`${zone}1`, zone), node(`${zone}2`, zone, 2)]);
    const { state } = settle(new Rebalancer(ALL_WELL), joined(formed(zones.slice(0, 5), 128, 3), zones[5]));
    const table = tableOf(state);
    expectEven(table, 3);
    const zoneOf = (owner: number): string => table.nodes[owner].zone;
    expect(table.partitions.every(({ owners }) => new Set(owners.map(zoneOf)).size === 3)).toBe(true);
  });

  it('makes copies where there are too few before it moves others, and hands primaries back last', () => {
    const two = formed(many(2), 32, 2);
    const more = after(two, { type: 'StoreAltered', store: store(3), requestId: '' });
    const rebalancer = new Rebalancer(ALL_WELL);
    const first = ask(rebalancer, joined(more, node('n2'), node('n3')), [], 100);
    const kinds = first.map((step) =>
      step.kind === 'move' ? (step.replaces === '' ? 'added' : 'replaced') : step.kind,
    );
    expect(kinds.lastIndexOf('added')).toBe(31);
    const { state, taken } = settle(rebalancer, joined(more, node('n2'), node('n3')));
    expectEven(tableOf(state), 3);
    expect(taken.remove).toBe(0);
  });

  it('gets draining nodes rid of their places first', () => {
    const state = joined(formed(many(4), 64, 2), node('n4'));
    const draining = after(state, { type: 'NodeDraining', nodeId: 'n1', requestId: '' });
    const rebalancer = new Rebalancer(ALL_WELL);
    for (const step of ask(rebalancer, draining, [], 8)) expect(step).toMatchObject({ kind: 'move', replaces: 'n1' });
    const { state: drained } = settle(rebalancer, draining);
    expect(tableOf(drained).partitions.some(({ owners }) => owners.includes(1))).toBe(false);
  });

  it('takes the last owners away where the factor falls, the primary only after another one leads', () => {
    const full = formed(many(4), 64, 3);
    const led = [0, 1, 2, 3].reduce((state, partition) => {
      const { nodes, partitions } = tableOf(state);
      const { owners, epoch } = partitions[partition];
      return apply(state, { type: 'HandBack', partition, epoch, primary: nodes[owners[2]].nodeId });
    }, full);
    const fewer = after(led, { type: 'StoreAltered', store: store(2), requestId: '' });
    const steps = ask(new Rebalancer(ALL_WELL), fewer, [], 100);
    for (const { partition, ...step } of steps.filter(({ kind }) => kind !== 'move')) {
      const { nodes } = tableOf(fewer);
      const { owners, primary, epoch } = tableOf(fewer).partitions[partition];
      const last = nodes[owners[2]].nodeId;
      if (primary === owners[2]) expect(step).toMatchObject({ kind: 'hand-back', epoch });
      else expect(step).toMatchObject({ kind: 'remove', nodeId: last });
    }
    const { state } = settle(new Rebalancer(ALL_WELL), fewer);
    expectEven(tableOf(state), 2);
    const kept = tableOf(state).partitions.filter(({ owners }, i) =>
      owners.every((owner) => tableOf(full).partitions[i].owners.slice(0, 2).includes(owner)),
    );
    expect(kept.length).toBeGreaterThan(40);
  });

  it('keeps primaries among the owners that have every store', () => {
    const mixed = formed(many(3), 48, 3, 1);
    const { state } = settle(new Rebalancer(ALL_WELL), down(mixed, 'n0'));
    const back = after(state, { type: 'NodeUp', nodeId: 'n0' });
    const { state: settled, taken } = settle(new Rebalancer(ALL_WELL), back);
    expect(taken['hand-back']).toBe(16);
    expect(tableOf(settled).partitions.every(({ owners, primary }) => primary === owners[0])).toBe(true);
  });

  it('hands back to owners that are in sync alone, and waits for the others', () => {
    const failed = down(formed(many(4), 64, 3), 'n0');
    const back = after(failed, { type: 'NodeUp', nodeId: 'n0' });
    const lagging: OwnerStandings = {
      isServed: () => true,
      isInSync: (partition, owner) => owner !== 0 || partition < 20,
    };
    const { state, taken } = settle(new Rebalancer(lagging), back);
    const led = tableOf(state).partitions.flatMap(({ primary }, number) => (primary === 0 ? [number] : []));
    expect(led.length).toBe(taken['hand-back']);
    expect(led.every((partition) => partition < 20)).toBe(true);
    expect(ask(new Rebalancer({ isServed: () => false, isInSync: () => true }), back)).toEqual([]);
  });

  it('leaves nodes that are down their places until they are lost, and then as long as nobody can take them', () => {
    const rebalancer = new Rebalancer(ALL_WELL);
    const five = down(formed(many(5), 64, 3), 'n4');
    expect(ask(rebalancer, five).filter(({ kind }) => kind === 'move')).toEqual([]);
    expect(ask(rebalancer, five, ['n4'])[0]).toMatchObject({ kind: 'move', replaces: 'n4' });
    const three = down(formed(many(3), 64, 3), 'n2');
    expect(ask(new Rebalancer(ALL_WELL), three, ['n2']).filter(({ kind }) => kind !== 'hand-back')).toEqual([]);
  });

  it('begins nothing where too few owners are up to agree on it', () => {
    const two = down(formed(many(3), 60, 2), 'n2');
    const broken = tableOf(two).partitions.flatMap(({ owners }, number) => (owners.includes(2) ? [number] : []));
    const steps = ask(new Rebalancer(ALL_WELL), two, ['n2'], 100);
    for (const { partition } of steps) expect(broken).not.toContain(partition);
  });
});
