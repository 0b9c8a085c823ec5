import { NO_STATS, settledPartition, type ClusterTable, type Heartbeat, type ReplicationStanding } from '#libs/cluster';
import { ReplicaStandings } from './replica-standings.js';

const NODES = ['a', 'b', 'c'].map((nodeId) => ({
  nodeId,
  role: 'storage-node' as const,
  incarnation: 1,
  softwareVersion: '',
  endpoints: { host: '', respPort: 0, httpPort: 0, adminPort: 0 },
  zone: '',
  weight: 1,
  status: 'up' as const,
}));

const table = (tableVersion: number, epochs: readonly number[], incarnation = 1): ClusterTable => ({
  featureLevel: 1,
  clusterId: 'c',
  clusterName: 'c',
  hashSeed: 1,
  tableVersion,
  nodes: NODES.map((node) => (node.nodeId === 'a' ? { ...node, incarnation } : node)),
  partitions: epochs.map((epoch) => settledPartition(epoch, [0, 1, 2])),
  stores: [],
  settings: [],
});

const heartbeat = (tableVersion: number, replication?: ReplicationStanding, incarnation = 1): Heartbeat => ({
  ...NODES[0],
  incarnation,
  featureLevel: 1,
  cluster: 'c',
  tableVersion,
  clusterId: 'c',
  state: 'ready',
  stats: NO_STATS,
  moves: [],
  capabilities: [],
  ...(replication === undefined ? {} : { replication }),
});

const WELL: ReplicationStanding = { laggingCount: 0, lagging: [] };
const lacks = (...lagging: ReplicationStanding['lagging']): ReplicationStanding => ({
  laggingCount: lagging.length,
  lagging,
});

function standings(...words: Heartbeat[]): ReplicaStandings {
  const found = new ReplicaStandings();
  found.follow(table(7, [1, 4]));
  for (const word of words) found.heard(word);
  return found;
}
const shown = (found: ReplicaStandings, partition: number): string =>
  [0, 1, 2].map((owner) => (found.isInSync(partition, owner) ? 'y' : 'n')).join('');

describe('what is known of partitions’ owners', () => {
  it('is nothing until the primary has spoken, and all that it does not list is well', () => {
    expect(standings().isServed(0)).toBe(false);
    const found = standings(heartbeat(7, lacks({ partition: 1, epoch: 4, owners: 0b100 })));
    expect([shown(found, 0), shown(found, 1)]).toEqual(['yyy', 'yyn']);
    expect(found.isServed(1)).toBe(true);
    expect(found.isInSync(0, 9)).toBe(false);
  });

  it('is that nobody is in sync with a primary that does not serve', () => {
    const found = standings(heartbeat(7, lacks({ partition: 1, epoch: 4, owners: 0b001 })));
    expect(shown(found, 1)).toBe('nnn');
    expect(found.isServed(1)).toBe(false);
  });

  it('is nothing where more lag than are listed', () => {
    const found = standings(heartbeat(7, { laggingCount: 2, lagging: [{ partition: 1, epoch: 4, owners: 0b010 }] }));
    expect([shown(found, 0), shown(found, 1)]).toEqual(['nnn', 'yny']);
  });

  it('is nothing from those who do not say, who are another process, or whose table is older', () => {
    for (const word of [heartbeat(7), heartbeat(7, WELL, 2), heartbeat(6, WELL)]) {
      expect(shown(standings(word), 0)).toBe('nnn');
    }
  });

  it('begins anew with each epoch of a partition', () => {
    const found = standings(heartbeat(7, WELL));
    found.follow(table(9, [1, 5]));
    expect([shown(found, 0), shown(found, 1)]).toEqual(['yyy', 'nnn']);
    found.heard(heartbeat(9, lacks({ partition: 1, epoch: 4, owners: 0b010 })));
    expect(shown(found, 1)).toBe('nnn');
    found.heard(heartbeat(9, WELL));
    expect(shown(found, 1)).toBe('yyy');
    found.follow(table(10, [1, 5], 2));
    expect(shown(found, 0)).toBe('nnn');
  });
});
