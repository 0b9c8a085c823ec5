import { EMPTY_CLUSTER_STATE, type ClusterState } from './cluster-state.js';
import { settledPartition, type ClusterTable, type TableNode, type TablePartition } from './cluster-table.js';
import { decide } from './decide.js';
import { evolve } from './evolve.js';
import { replicationReport, smallestFactor, wantedOwners } from './replication.js';
import { storeFromPreset, type StoreDefinition } from './store-definition.js';

const node = (nodeId: string, more: Partial<TableNode> = {}): TableNode => ({
  nodeId,
  role: 'storage-node',
  incarnation: 1,
  softwareVersion: '1',
  endpoints: { host: 'h', respPort: 0, httpPort: 0, adminPort: 0 },
  zone: '',
  weight: 1,
  status: 'up',
  replicates: true,
  ...more,
});
const without = ({ replicates: _, ...rest }: TableNode): TableNode => rest;
const gateway = node('g', { role: 'gateway' });

function formed(
  nodes: readonly TableNode[],
  factors: readonly number[],
  owners: readonly number[][] = [[0]],
): ClusterState {
  return evolve(EMPTY_CLUSTER_STATE, {
    type: 'ClusterFormed',
    clusterId: 'c',
    clusterName: 'c',
    hashSeed: 1,
    nodes,
    owners,
    stores: factors.map((replicas, id) => ({
      id,
      ...storeFromPreset('general', { name: id === 0 ? 'default' : `s${id}`, replicas }),
    })),
  });
}

const tableOf = (...given: Parameters<typeof formed>): ClusterTable => formed(...given).table as ClusterTable;
const THREE = [node('a'), node('b'), node('c'), gateway];

function refusal(state: ClusterState, replicas: number, fields: Partial<StoreDefinition> = {}): string {
  const definition = { ...storeFromPreset('general', { name: 'new', replicas }), ...fields };
  const decision = decide(state, { type: 'Change', requestId: '', changes: [{ type: 'CreateStore', definition }] });
  return decision.ok ? 'accepted' : `${decision.code}: ${decision.reason}`;
}

describe('how many owners partitions are to have', () => {
  it('follows the largest factor of the stores', () => {
    expect(wantedOwners(tableOf(THREE, [1]))).toBe(1);
    expect(wantedOwners(tableOf(THREE, [1, 3, 2]))).toBe(3);
    expect(smallestFactor(tableOf(THREE, [3, 2]))).toBe(2);
    expect(smallestFactor(tableOf(THREE, []))).toBe(8);
  });

  it('is one while any member cannot replicate, and a store cannot ask for more', () => {
    const nodes = [without(node('a')), ...['b', 'c', 'd', 'e'].map((id) => without(node(id))), gateway];
    const state = formed(nodes, [3]);
    expect(wantedOwners(state.table as ClusterTable)).toBe(1);
    expect(refusal(state, 2)).toBe('invalid: replicas 2: use 1; "a", "b", "c" and 2 more cannot replicate yet');
    expect(refusal(state, 1)).toBe('accepted');
    expect(wantedOwners(tableOf([node('a'), without(gateway)], [3]))).toBe(1);
  });

  it('falls for nobody once partitions have several owners', () => {
    const table = tableOf([without(node('a')), node('b')], [2], [[0, 1]]);
    expect(wantedOwners(table)).toBe(2);
  });

  it('is no more than a table has room for', () => {
    const owners = Array.from({ length: 16_384 }, () => [0]);
    const state = formed(THREE, [1], owners);
    expect(refusal(state, 3)).toBe('accepted');
    expect(refusal(state, 4)).toBe('invalid: replicas 4: use 1 to 3; a table of 16384 partitions has no room for more');
  });

  it('leaves a store its factor when something else of it changes', () => {
    const state = formed([without(node('a'))], [3]);
    const alter = (changes: Partial<StoreDefinition>) =>
      decide(state, { type: 'Change', requestId: '', changes: [{ type: 'AlterStore', name: 'default', changes }] });
    expect(alter({ timestamps: true }).ok).toBe(true);
    expect(alter({ replicas: 2 }).ok).toBe(true);
    expect(alter({ replicas: 4 }).ok).toBe(false);
  });

  it('lets nobody in who cannot replicate once there is more than one', () => {
    const outcome = (state: ClusterState, newcomer: TableNode): boolean =>
      decide(state, { type: 'Announce', node: newcomer }).ok;
    const state = formed(THREE, [2]);
    expect(outcome(state, without(node('d')))).toBe(false);
    expect(outcome(state, without(node('a', { incarnation: 2 })))).toBe(false);
    expect(outcome(state, node('d'))).toBe(true);
    expect(outcome(formed(THREE, [1]), without(node('d')))).toBe(true);
  });
});

describe('the report of copies', () => {
  const withPartitions = (table: ClusterTable, ...partitions: TablePartition[]): ClusterTable => ({
    ...table,
    partitions,
  });

  it('counts partitions that lack owners which are there', () => {
    const table = tableOf([node('a'), node('b', { status: 'down' }), node('c', { status: 'suspect' })], [2]);
    const partitions = [
      settledPartition(1, [0, 2]),
      settledPartition(1, [0, 1]),
      settledPartition(1, [0]),
      { ...settledPartition(2, [0, 2]), outgoing: [0, 1] },
    ];
    expect(replicationReport(withPartitions(table, ...partitions))).toEqual({
      wanted: 2,
      possible: 2,
      shortage: undefined,
      underReplicated: 2,
      changing: 1,
    });
  });

  it('says why there cannot be enough', () => {
    expect(replicationReport(tableOf([node('a'), node('b', { status: 'draining' }), gateway], [3]))).toMatchObject({
      wanted: 3,
      possible: 1,
      shortage: 'storage nodes that may hold copies: 1',
    });
    expect(replicationReport(tableOf([without(node('a'))], [3]))).toMatchObject({
      possible: 1,
      shortage: '"a" cannot replicate yet',
    });
  });
});
