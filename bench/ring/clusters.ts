/** What the ring suite places and looks up in: nodes, keys, and tables of them. */
import { RoutingTable, settledPartition } from '#libs/cluster';
import { place, type Placement, type PlacementNode } from '#libs/ring';

export const KEY_BYTES = 12;
const ZERO = 0x30;

export const nodesOf = (count: number): PlacementNode[] =>
  Array.from({ length: count }, (_, i) => ({ id: `storage-${i + 1}`, weight: 1, zone: '' }));

export function placed(
  nodes: readonly PlacementNode[],
  replicationFactor: number,
  partitionCount: number,
  previous?: Placement,
): Placement {
  return place({ partitionCount, nodes, replicationFactor, ...(previous && { previous }) });
}

/** Keys of 12 bytes, `key:` and a number, one behind the other as in a socket's buffer. */
export function keysOf(count: number): Uint8Array {
  const keys = Buffer.alloc(count * KEY_BYTES, 'key:00000000');
  for (let i = 0; i < count; i++) {
    let rest = i;
    for (let at = (i + 1) * KEY_BYTES - 1; rest > 0; at--) {
      keys[at] = ZERO + (rest % 10);
      rest = Math.floor(rest / 10);
    }
  }
  return keys;
}

/** The keys' numbers have eight digits, and each key's owners are kept as a text. */
export const MAX_KEYS = 5_000_000;

/** The table that gateways route by. */
export function routingOf(nodes: readonly PlacementNode[], placement: Placement): RoutingTable {
  const indexOf = new Map(nodes.map(({ id }, index) => [id, index]));
  const endpoints = { host: '127.0.0.1', respPort: 0, httpPort: 0, adminPort: 0 };
  return new RoutingTable({
    featureLevel: 1,
    clusterId: '0'.repeat(32),
    clusterName: 'bench',
    hashSeed: 1,
    tableVersion: 1,
    partitions: placement.map((owners) =>
      settledPartition(
        1,
        owners.map((id) => indexOf.get(id) as number),
      ),
    ),
    nodes: nodes.map(({ id, weight, zone }) => ({
      nodeId: id,
      role: 'storage-node',
      incarnation: 1,
      softwareVersion: 'bench',
      endpoints,
      zone,
      weight,
      status: 'up',
    })),
    stores: [],
    settings: [],
  });
}
