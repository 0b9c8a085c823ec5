// What the specs of placements expect, and the nodes that they place on.
import { analyse } from './analyse.js';
import type { Placement, PlacementNode } from './place.js';
import { zonesOf } from './zones.js';

/** `zoneCount` 0: no zones. */
export const nodesOf = (count: number, weight = 1, zoneCount = 0): PlacementNode[] =>
  Array.from({ length: count }, (_, i) => ({
    id: `node-${i}`,
    weight,
    zone: zoneCount === 0 ? '' : `zone-${i % zoneCount}`,
  }));

/** Every node has its share rounded down or up: by weight, at most one copy of each partition, as zones permit. */
export function expectBalanced(placement: Placement, nodes: readonly PlacementNode[]): void {
  const loads = analyse(placement, nodes).nodes;
  const isOff = loads.filter(
    ({ partitions, share }) => partitions < Math.floor(share) || partitions > Math.ceil(share),
  );
  expect(isOff).toEqual([]);
}

export function expectPrimariesBalanced(placement: Placement, nodes: readonly PlacementNode[]): void {
  const weight = nodes.reduce((sum, node) => sum + node.weight, 0);
  const shares = nodes.map((node) => (placement.length * node.weight) / weight);
  const isOff = analyse(placement, nodes).nodes.filter(
    ({ primaries }, node) => primaries < Math.floor(shares[node]) || primaries > Math.ceil(shares[node]),
  );
  expect(isOff).toEqual([]);
}

/** Every partition has as many distinct owners as there can be, in as many zones as possible, none of weight 0. */
export function expectSpread(placement: Placement, nodes: readonly PlacementNode[], replicationFactor: number): void {
  const { zoneOf, caps, copies } = zonesOf(nodes, replicationFactor);
  const indexOf = new Map(nodes.map(({ id, weight }, node) => [id, weight > 0 ? node : -1]));
  placement.forEach((owners, partition) => {
    const found = new Set(owners.map((id) => indexOf.get(id) ?? -1));
    const inZones = caps.map((_cap, zone) => [...found].filter((node) => zoneOf[node] === zone).length);
    const isGood = found.size === copies && !found.has(-1) && inZones.every((count, zone) => count <= caps[zone]);
    if (!isGood || owners.length !== copies) throw new Error(`partition ${partition}: ${owners.join(', ')}`);
  });
}
