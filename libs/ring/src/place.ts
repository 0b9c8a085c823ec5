/**
 * Who owns which partition. Every node gets its share by weight, rounded down or up, and beyond that as little as
 * possible moves: owners stay while they have room, the partitions that lie farthest from an overfull owner on the ring
 * leave it, and a partition without an owner goes to the first node of its walk that has room. Source of the walk with
 * a bound: Mirrokni, Thorup, Zadimoghaddam, "Consistent Hashing with Bounded Loads" (2016). Plain consistent hashing
 * was rejected: at 256 partitions its shares differ by tens of per cent.
 */
import { assert } from '#libs/kernel';
import { HashRing } from './hash-ring.js';
import { positionsOf, sha256Positions, type PositionHash } from './position-hash.js';
import { choosePrimaries } from './primaries.js';
import { quotasOf } from './quotas.js';

export interface PlacementNode {
  readonly id: string;
  /** A whole number from 1. */
  readonly weight: number;
  /** Copies of a partition are kept in different zones where that is possible. */
  readonly zone: string;
}

/** By partition: the ids of its owners, the primary first. */
export type Placement = readonly (readonly string[])[];

export interface PlacementInput {
  readonly partitionCount: number;
  readonly nodes: readonly PlacementNode[];
  /** Owners so far; may name nodes that are no longer among `nodes`. */
  readonly previous?: Placement;
  /** Owners of each partition; fewer where there are fewer nodes. */
  readonly replicationFactor: number;
  readonly hash?: PositionHash;
}

/** The same result for the same input, whatever the order of the nodes. */
export function place(input: PlacementInput): Placement {
  const nodes = input.nodes.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const { partitionCount } = input;
  if (nodes.length === 0) return Array.from({ length: partitionCount }, () => []);
  const previous = previousIndexes(input, nodes);
  const copies = Math.min(input.replicationFactor, nodes.length);
  const owners = new CopyPlacer(nodes, previous, copies, input.hash ?? sha256Positions).run();
  if (copies > 1) choosePrimaries(nodes, owners, previous);
  return owners.map((indexes) => indexes.map((index) => nodes[index].id));
}

function previousIndexes(input: PlacementInput, nodes: readonly PlacementNode[]): number[][] {
  const indexOf = new Map(nodes.map((node, index) => [node.id, index]));
  assert(indexOf.size === nodes.length, 'ids of nodes are distinct');
  return Array.from({ length: input.partitionCount }, (_, partition) => {
    const indexes = (input.previous?.[partition] ?? []).map((id) => indexOf.get(id) ?? -1);
    return indexes.filter((index) => index >= 0);
  });
}

/** Decides which nodes hold a copy of which partition; nodes and partitions are indexes. */
class CopyPlacer {
  private readonly ring: HashRing;
  private readonly positions: Uint32Array;
  private readonly quotas: Int32Array;
  private readonly loads: Int32Array;
  private readonly owners: number[][];

  constructor(
    private readonly nodes: readonly PlacementNode[],
    previous: readonly (readonly number[])[],
    private readonly copies: number,
    hash: PositionHash,
  ) {
    const partitionCount = previous.length;
    this.ring = new HashRing(nodes, hash);
    this.positions = positionsOf('partition', partitionCount, hash);
    this.owners = previous.map((indexes) => indexes.slice(0, copies));
    this.loads = new Int32Array(nodes.length);
    for (const indexes of this.owners) for (const index of indexes) this.loads[index]++;
    this.quotas = quotasOf(nodes, partitionCount * copies, partitionCount, this.loads);
  }

  run(): number[][] {
    for (let node = 0; node < this.nodes.length; node++) this.shed(node);
    const order = Array.from(this.positions.keys()).toSorted((a, b) => this.positions[a] - this.positions[b] || a - b);
    for (const partition of order) {
      while (this.owners[partition].length < this.copies) this.addOwner(partition);
    }
    return this.owners;
  }

  /** Takes what exceeds its quota from a node, the partitions farthest from it first. */
  private shed(node: number): void {
    const surplus = this.loads[node] - this.quotas[node];
    if (surplus <= 0) return;
    const held = this.owners.flatMap((indexes, partition) => (indexes.includes(node) ? [partition] : []));
    const distances = new Map(held.map((partition) => [partition, this.distance(partition, node)]));
    const distanceOf = (partition: number): number => distances.get(partition) ?? 0;
    held.sort((a, b) => distanceOf(b) - distanceOf(a) || a - b);
    for (const partition of held.slice(0, surplus)) {
      this.owners[partition] = this.owners[partition].filter((owner) => owner !== node);
      this.loads[node]--;
    }
  }

  private distance(partition: number, node: number): number {
    return this.ring.distanceTo(this.positions[partition], node);
  }

  private addOwner(partition: number): void {
    const owners = this.owners[partition];
    const position = this.positions[partition];
    const zones = owners.map((owner) => this.nodes[owner].zone);
    const fits = (node: number): boolean => this.hasRoom(node) && !owners.includes(node);
    let found = this.ring.walk(position, (node) => fits(node) && !zones.includes(this.nodes[node].zone));
    if (found < 0 && zones.length > 0) found = this.ring.walk(position, fits);
    if (found < 0) found = this.makeRoom(partition);
    if (found < 0) found = this.leastLoaded(owners);
    owners.push(found);
    this.loads[found]++;
  }

  private hasRoom(node: number): boolean {
    return this.loads[node] < this.quotas[node];
  }

  /**
   * Only nodes that hold this partition have room: one of them takes a copy of another partition from a node that
   * does not, which thereby has room. Answers that node, or -1.
   */
  private makeRoom(partition: number): number {
    const owners = this.owners[partition];
    for (const taker of owners) {
      if (!this.hasRoom(taker)) continue;
      for (const others of this.owners) {
        if (others.includes(taker)) continue;
        const rank = others.findIndex((other) => !owners.includes(other));
        if (rank < 0) continue;
        const giver = others[rank];
        others[rank] = taker;
        this.loads[taker]++;
        this.loads[giver]--;
        return giver;
      }
    }
    return -1;
  }

  /** The last resort: a partition gets its owners, if need be beyond a quota. */
  private leastLoaded(owners: readonly number[]): number {
    let best = -1;
    for (let node = 0; node < this.nodes.length; node++) {
      if (owners.includes(node)) continue;
      if (best < 0 || this.loads[node] - this.quotas[node] < this.loads[best] - this.quotas[best]) best = node;
    }
    return best;
  }
}
