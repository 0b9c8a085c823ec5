import { settledPartition, type ClusterTable, type TableNode, type TablePartition } from '#libs/cluster';
import { ringReport } from './table-ring.js';

function node(nodeId: string, more: Partial<TableNode> = {}): TableNode {
  const endpoints = { host: '127.0.0.1', respPort: 0, httpPort: 0, adminPort: 0 };
  const common = { incarnation: 1, softwareVersion: '1', endpoints, zone: '', weight: 1, status: 'up' } as const;
  return { nodeId, role: 'storage-node', ...common, ...more };
}

function tableOf(nodes: readonly TableNode[], partitions: readonly Partial<TablePartition>[]): ClusterTable {
  return {
    featureLevel: 1,
    clusterId: 'c',
    clusterName: 'test',
    hashSeed: 1,
    tableVersion: 9,
    partitions: partitions.map((some) => ({ ...settledPartition(1, some.owners ?? []), ...some })),
    nodes,
    stores: [],
    settings: [],
  };
}

describe('the report of a table’s ring', () => {
  it('compares what nodes have with their shares, and counts moves under way and to come', () => {
    const nodes = [node('gw', { role: 'gateway' }), node('s2', { zone: 'b' }), node('s1', { zone: 'a' })];
    const owned = [2, 2, 2, 2, 2, 2].map((owner) => ({ owners: [owner] }));
    const report = ringReport(tableOf(nodes, [{ owners: [2], movingTo: 1, movingFrom: 2 }, ...owned, { owners: [1] }]));
    expect(report).toEqual({
      tableVersion: 9,
      partitions: 8,
      copies: 8,
      unowned: 0,
      loadFactor: 1.75,
      standardDeviation: 3,
      maxDeviation: 0.75,
      movesActive: 1,
      movesPending: 3,
      nodes: [
        {
          id: 's1',
          zone: 'a',
          weight: 1,
          state: 'up',
          partitions: 7,
          primaries: 7,
          share: 4,
          deviation: 0.75,
          movesPending: 3,
        },
        {
          id: 's2',
          zone: 'b',
          weight: 1,
          state: 'up',
          partitions: 1,
          primaries: 1,
          share: 4,
          deviation: -0.75,
          movesPending: 3,
        },
      ],
    });
  });

  it('shows nodes that have left as long as they own something, and partitions that nobody owns', () => {
    const nodes = [node('s1', { status: 'left' }), node('s2'), node('s3', { status: 'left' })];
    const report = ringReport(tableOf(nodes, [{ owners: [0] }, { owners: [1] }, {}]));
    expect(report.nodes.map(({ id, partitions }) => [id, partitions])).toEqual([
      ['s1', 1],
      ['s2', 1],
    ]);
    expect(report).toMatchObject({ copies: 2, unowned: 1, movesPending: 0 });
  });

  it('counts all that a draining node has as moves to come', () => {
    const draining = node('s1', { status: 'draining' });
    const report = ringReport(tableOf([draining, node('s2')], [{ owners: [0] }, { owners: [0] }, { owners: [1] }]));
    expect(report.movesPending).toBe(2);
    expect(report.nodes[0]).toMatchObject({ state: 'draining', partitions: 2, share: 0, movesPending: 2 });
  });

  it('copes with a table without storage nodes', () => {
    expect(ringReport(tableOf([], [{}]))).toMatchObject({ copies: 0, unowned: 1, loadFactor: 0, nodes: [] });
  });
});
