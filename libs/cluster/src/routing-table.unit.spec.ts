import { slotOfKey, utf8Bytes } from '#libs/kernel';
import { type ClusterTable, settledPartition, type TableNode } from './cluster-table.js';
import type { NodeStatus } from './member.js';
import { RoutingTable } from './routing-table.js';
import { TableRoutingProvider } from './table-routing-provider.js';

const node = (nodeId: string, status: NodeStatus): TableNode => ({
  nodeId,
  role: 'storage-node',
  incarnation: 1,
  softwareVersion: '',
  endpoints: { host: '', respPort: 0, httpPort: 0, adminPort: 0 },
  zone: '',
  weight: 1,
  status,
});

const TABLE: ClusterTable = {
  featureLevel: 1,
  clusterId: 'c',
  clusterName: 'c',
  hashSeed: 1,
  tableVersion: 5,
  nodes: [node('a', 'up'), node('b', 'suspect'), node('c', 'down'), node('d', 'left')],
  partitions: [
    { ...settledPartition(1, [0]), movingTo: 1, movingFrom: 0, moveId: 4 },
    settledPartition(2, [1, 0]),
    settledPartition(0xffffffff, [2]),
    settledPartition(4, [3]),
    settledPartition(5, []),
    settledPartition(6, [0]),
    { ...settledPartition(7, [0, 1]), primary: 1 },
    settledPartition(8, [0]),
  ],
  stores: [],
  settings: [],
};

describe('the routing table', () => {
  const routing = new RoutingTable(TABLE);

  it('knows owners, and sends operations to those that are reachable', () => {
    expect([...routing.primaryOf]).toEqual([0, 1, 2, 3, -1, 0, 1, 0]);
    expect([...routing.servingOf]).toEqual([0, 1, -1, -1, -1, 0, 1, 0]);
    expect([...routing.reachable]).toEqual([1, 1, 0, 0]);
    expect(routing.ownersOf(1)).toEqual([1, 0]);
    expect(routing.ownersOf(6)).toEqual([0, 1]);
  });

  it('knows epochs and moves', () => {
    expect([...routing.epochOf]).toEqual([1, 2, 0xffffffff, 4, 5, 6, 7, 8]);
    expect([...routing.movingTo]).toEqual([1, -1, -1, -1, -1, -1, -1, -1]);
    expect([routing.moveIdOf(0), routing.moveIdOf(1)]).toEqual([4, 0]);
  });

  it('finds nodes by id and partitions by node', () => {
    expect(['a', 'd', 'x'].map((id) => routing.nodeIndexOf(id))).toEqual([0, 3, -1]);
    expect([0, 1, 2, 3].map((index) => [...routing.partitionsOf(index)])).toEqual([[0, 5, 7], [1, 6], [2], [3]]);
  });

  it.each([1, 2, 256, 16384])('puts every slot into the right one of %i partitions', (count) => {
    const partitions = Array.from({ length: count }, () => TABLE.partitions[5]);
    const table = new RoutingTable({ ...TABLE, partitions });
    for (const name of ['a', 'foo', '{user1}.x', 'key:000000000001', '']) {
      const key = utf8Bytes(`__${name}`);
      const slot = slotOfKey(key, 2, key.length - 2);
      expect(table.partitionOf(key, 2, key.length - 2)).toBe(Math.floor((slot * count) / 16384));
      expect(table.partitionOfSlot(slot)).toBe(Math.floor((slot * count) / 16384));
    }
  });

  it('serves as a routing provider', () => {
    const provider = new TableRoutingProvider('a');
    const key = utf8Bytes('foo');
    expect(provider.routeKey(key, 0, 3)).toBeUndefined();
    expect(provider.isLocal(key, 0, 3)).toBe(false);
    const single = (owner: number): RoutingTable =>
      new RoutingTable({ ...TABLE, partitions: [settledPartition(1, [owner])] });
    provider.use(single(0));
    expect([provider.routeKey(key, 0, 3), provider.isLocal(key, 0, 3)]).toEqual(['a', true]);
    provider.use(single(1));
    expect([provider.routeKey(key, 0, 3), provider.isLocal(key, 0, 3)]).toEqual(['b', false]);
    provider.use(single(2));
    expect(provider.routeKey(key, 0, 3)).toBeUndefined();
  });
});
