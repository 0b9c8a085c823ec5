import { decide, EMPTY_CLUSTER_STATE, evolve, type ClusterTable, type TableNode } from '#libs/cluster';
import { MetricsRegistry } from '#libs/metrics-prom';
import { addRingMetrics } from './ring-metrics.js';

function storageNode(nodeId: string): TableNode {
  const endpoints = { host: '127.0.0.1', respPort: 0, httpPort: 0, adminPort: 0 };
  const common = { incarnation: 1, softwareVersion: '1', endpoints, zone: '', weight: 1, status: 'up' } as const;
  return { nodeId, role: 'storage-node', ...common };
}

function tableOf(owners: readonly number[]): ClusterTable {
  const decision = decide(EMPTY_CLUSTER_STATE, {
    type: 'FormCluster',
    clusterId: '0'.repeat(32),
    clusterName: 'test',
    hashSeed: 1,
    nodes: [storageNode('s1'), storageNode('s2')],
    owners: owners.map((owner) => [owner]),
    stores: [],
  });
  if (!decision.ok) throw new Error(decision.reason);
  return decision.events.reduce(evolve, EMPTY_CLUSTER_STATE).table as ClusterTable;
}

it('a storage node tells what it has and how far that is from its share', async () => {
  const known: { table?: ClusterTable } = {};
  const registry = new MetricsRegistry({ node: 's1', role: 'storage-node', processMetrics: false });
  addRingMetrics(registry, () => known.table, 's1');
  expect(await registry.metrics()).toContain('hypercache_ring_partitions{node="s1",role="storage-node"} 0\n');
  known.table = tableOf([0, 0, 0, 1]);
  const text = await registry.metrics();
  expect(text).toContain('hypercache_ring_partitions{node="s1",role="storage-node"} 3\n');
  expect(text).toContain('hypercache_ring_primaries{node="s1",role="storage-node"} 3\n');
  expect(text).toContain('hypercache_ring_deviation_ratio{node="s1",role="storage-node"} 0.5\n');
});
