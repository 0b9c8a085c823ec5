/**
 * Who owns which partition. Every node gets its share by weight, rounded down or up, the copies of a partition lie in as
 * many zones as possible, and beyond that as little as possible moves: owners stay while they have room, the partitions
 * that lie farthest from an overfull owner on the ring leave it, and a partition without an owner goes to the first node
 * of its walk that has room. Source of the walk with a bound: Mirrokni, Thorup, Zadimoghaddam, "Consistent Hashing with
 * Bounded Loads" (2016). Plain consistent hashing was rejected: at 256 partitions its shares differ by tens of per cent.
 */
import { assert } from '#libs/kernel';
import { CopyPlacer } from './copy-placer.js';
import { HashRing, type RingOptions } from './hash-ring.js';
import { positionsOf, sha256Positions } from './position-hash.js';
import { choosePrimaries } from './primaries.js';
import { Shares } from './shares.js';
import { zonesOf, type Zones } from './zones.js';

export interface PlacementNode {
  readonly id: string;
  /** A whole number from 0. A node of weight 0 gives up all that it has: that is how one is drained. */
  readonly weight: number;
  /** Copies of a partition are kept in different zones where that is possible. */
  readonly zone: string;
}

/** By partition: the ids of its owners, the primary first. */
export type Placement = readonly (readonly string[])[];

export interface PlacementInput extends RingOptions {
  readonly partitionCount: number;
  readonly nodes: readonly PlacementNode[];
  /** Owners so far; may name nodes that are no longer among `nodes`. */
  readonly previous?: Placement;
  /** Owners of each partition; fewer where there are fewer nodes. */
  readonly replicationFactor: number;
}

/**
 * The same result for the same input, whatever the order of the nodes. Where no node has any weight everything stays
 * where it is.
 */
export function place(input: PlacementInput): Placement {
  const nodes = input.nodes.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const previous = previousIndexes(input, nodes);
  const zones = zonesOf(nodes, input.replicationFactor);
  const owners = zones.copies === 0 ? previous : ownersOf(input, nodes, zones, previous);
  return owners.map((indexes) => indexes.map((index) => nodes[index].id));
}

function ownersOf(
  input: PlacementInput,
  nodes: readonly PlacementNode[],
  zones: Zones,
  previous: readonly (readonly number[])[],
): readonly (readonly number[])[] {
  const { partitionCount, hash = sha256Positions } = input;
  const ring = new HashRing(nodes, input);
  const positions = positionsOf('partition', partitionCount, hash);
  const shares = new Shares(nodes, zones, partitionCount, partitionCount * zones.copies);
  const owners = new CopyPlacer(ring, positions, zones, shares, previous).run();
  choosePrimaries(new Shares(nodes, zonesOf(nodes, 1), partitionCount, partitionCount), owners, previous);
  return owners;
}

function previousIndexes(input: PlacementInput, nodes: readonly PlacementNode[]): number[][] {
  const indexOf = new Map(nodes.map((node, index) => [node.id, index]));
  assert(indexOf.size === nodes.length, 'ids of nodes are distinct');
  return Array.from({ length: input.partitionCount }, (_, partition) => {
    const ids = new Set(input.previous?.[partition] ?? []);
    return [...ids].map((id) => indexOf.get(id) ?? -1).filter((index) => index >= 0);
  });
}
