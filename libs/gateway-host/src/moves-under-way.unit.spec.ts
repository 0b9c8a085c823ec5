import {
  type Heartbeat,
  NO_STATS,
  RoutingTable,
  settledPartition,
  storeFromPreset,
  type TableNode,
} from '#libs/cluster';
import { MovesUnderWay } from './moves-under-way.js';

const node = (nodeId: string): TableNode => ({
  nodeId,
  role: 'storage-node',
  incarnation: 1,
  softwareVersion: '',
  endpoints: { host: 'h', respPort: 0, httpPort: 0, adminPort: 0 },
  zone: '',
  weight: 1,
  status: 'up',
});

/** Two partitions of `a`; each may be on its way to `b`. */
const table = (...moveIds: readonly number[]): RoutingTable =>
  new RoutingTable({
    featureLevel: 1,
    clusterId: 'c',
    clusterName: 'c',
    hashSeed: 0,
    tableVersion: 1,
    nodes: [node('a'), node('b')],
    partitions: moveIds.map((moveId) => ({
      ...settledPartition(1, [0]),
      ...(moveId === 0 ? {} : { movingTo: 1, movingFrom: 0, moveId }),
    })),
    stores: [{ id: 0, ...storeFromPreset('general', { name: 'default' }) }],
    settings: [],
  });

const heartbeat = (nodeId: string, ...moves: Heartbeat['moves']): Heartbeat => ({
  featureLevel: 1,
  cluster: 'c',
  nodeId,
  role: 'storage-node',
  incarnation: 1,
  softwareVersion: '',
  endpoints: node('a').endpoints,
  zone: '',
  weight: 1,
  tableVersion: 1,
  clusterId: 'c',
  state: 'ready',
  stats: NO_STATS,
  moves,
  capabilities: [],
});

it('moves under way are known from their beginning to their end, with what their sources report', () => {
  const clock = { now: 5_000.5, wallMs: () => clock.now, monotonicMs: () => clock.now };
  const moves = new MovesUnderWay(clock);
  moves.follow(table(0, 7));
  const first = { partition: 1, source: 'a', target: 'b', replaces: 'a', sinceMs: 5_000 };
  expect(moves.all()).toEqual([{ ...first, bytesCopied: 0, state: 'starting' }]);
  clock.now += 1_000;
  moves.heard(heartbeat('b', { partition: 1, bytesCopied: 9 }));
  moves.heard(heartbeat('a', { partition: 1, bytesCopied: 64 }, { partition: 0, bytesCopied: 1 }));
  moves.follow(table(8, 7));
  expect(moves.all()).toEqual([
    { partition: 0, source: 'a', target: 'b', replaces: 'a', sinceMs: 6_000, bytesCopied: 0, state: 'starting' },
    { ...first, bytesCopied: 64, state: 'copying' },
  ]);
  moves.follow(table(9, 0));
  expect(moves.all().map(({ partition, bytesCopied }) => [partition, bytesCopied])).toEqual([[0, 0]]);
  moves.follow(table(0, 0));
  expect(moves.all()).toEqual([]);
});
