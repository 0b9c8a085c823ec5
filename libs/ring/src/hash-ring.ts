/**
 * A consistent-hash ring: every node stands at many places (its virtual nodes), and a walk clockwise from a place meets
 * the nodes in an order that changes little when a node comes or goes. Source: Karger et al., "Consistent Hashing and
 * Random Trees" (1997).
 *
 * Two sorted typed arrays, six bytes a virtual node, and each node's own sorted positions, four bytes more. A node is
 * merged into the arrays from their ends, and one that goes is sieved out: one pass without a second copy. Its positions
 * are computed once and kept for as long as it stands on the ring.
 */
import { assert } from '#libs/kernel';
import { positionsOf, sha256Positions, type PositionHash } from './position-hash.js';

export const VIRTUAL_NODES_PER_WEIGHT = 256;
/** The index of a node has 16 bits. */
const MAX_NODES = 0x10000;
const CIRCLE = 0x100000000;

export interface RingNode {
  readonly id: string;
  /** A whole number from 0; a node without weight stands nowhere on the ring. */
  readonly weight: number;
}

export interface RingOptions {
  readonly hash?: PositionHash;
  /** Places of a node of weight 1. */
  readonly virtualNodes?: number;
}

/** The sorted places of a node; the same for every ring with these options, so a caller may keep them. */
export function nodePositions(node: RingNode, options: RingOptions = {}): Uint32Array {
  const { hash = sha256Positions, virtualNodes = VIRTUAL_NODES_PER_WEIGHT } = options;
  return positionsOf(`node/${node.id}`, node.weight * virtualNodes, hash).sort();
}

export class HashRing {
  /** Virtual nodes; the arrays may be longer. */
  private count = 0;
  /** Ascending; nodes at the same place are ordered by id. */
  private positions = new Uint32Array(0);
  /** By virtual node: the index of its node. */
  private nodeAt = new Uint16Array(0);
  /** By node: its id and sorted places; undefined where a node has gone. */
  private readonly ids: (string | undefined)[] = [];
  private readonly placesOf: Uint32Array[] = [];
  private readonly free: number[] = [];
  /** By node: the walk that met it last. */
  private metIn = new Uint32Array(8);
  private walks = 0;

  constructor(
    nodes: readonly RingNode[] = [],
    private readonly options: RingOptions = {},
  ) {
    const places = nodes.map((node) => nodePositions(node, options));
    this.reserve(places.reduce((sum, own) => sum + own.length, 0));
    nodes.forEach((node, index) => this.add(node, places[index]));
  }

  get nodeCount(): number {
    return this.ids.length - this.free.length;
  }

  get virtualNodeCount(): number {
    return this.count;
  }

  /** Bytes of the typed arrays, room to grow included. */
  get bytes(): number {
    const own = this.placesOf.reduce((sum, places) => sum + places.byteLength, 0);
    return this.positions.byteLength + this.nodeAt.byteLength + this.metIn.byteLength + own;
  }

  /** Answers the node's index, which one that has gone may have had. `places`: its {@link nodePositions}, where they are known. */
  add(node: RingNode, places: Uint32Array = nodePositions(node, this.options)): number {
    const index = this.free.pop() ?? this.ids.length;
    assert(index < MAX_NODES, 'a ring has at most 65,536 nodes');
    this.ids[index] = node.id;
    this.placesOf[index] = places;
    this.reserveNode(index);
    this.reserve(this.count + places.length);
    this.merge(index, places);
    return index;
  }

  /** Takes the node with this index off the ring; the index may be given to another. */
  remove(index: number): void {
    assert(this.ids[index] !== undefined, 'only a node of the ring is removed');
    const { positions, nodeAt, count } = this;
    let kept = 0;
    for (let at = 0; at < count; at++) {
      const node = nodeAt[at];
      if (node === index) continue;
      positions[kept] = positions[at];
      nodeAt[kept] = node;
      kept++;
    }
    this.count = kept;
    this.ids[index] = undefined;
    this.placesOf[index] = NOWHERE;
    this.free.push(index);
  }

  /** Visits each node once, in the order in which a walk clockwise meets it, until `accept` takes one. -1: none. */
  walk(position: number, accept: (node: number) => boolean): number {
    const walk = this.nextWalk();
    const { nodeAt, metIn, count } = this;
    let at = this.firstAtOrAfter(position);
    for (let step = 0, unmet = this.nodeCount; step < count && unmet > 0; step++) {
      const node = nodeAt[at];
      if (++at === count) at = 0;
      if (metIn[node] === walk) continue;
      metIn[node] = walk;
      unmet--;
      if (accept(node)) return node;
    }
    return -1;
  }

  /** How far clockwise of `position` the node's next virtual node stands; infinite where it has none. */
  distanceTo(position: number, node: number): number {
    const places = this.placesOf[node];
    if (places.length === 0) return Infinity;
    const at = lowerBound(places, places.length, position);
    return at === places.length ? places[0] + CIRCLE - position : places[at] - position;
  }

  private firstAtOrAfter(position: number): number {
    const at = lowerBound(this.positions, this.count, position);
    return at === this.count ? 0 : at;
  }

  /** From the largest position down, so that nothing is overwritten before it is moved. */
  private merge(index: number, places: Uint32Array): void {
    const { positions, nodeAt, ids } = this;
    const id = ids[index] as string;
    let old = this.count - 1;
    let own = places.length - 1;
    this.count += places.length;
    for (let to = this.count - 1; own >= 0; to--) {
      const place = places[own];
      if (old >= 0 && (positions[old] > place || (positions[old] === place && (ids[nodeAt[old]] as string) > id))) {
        positions[to] = positions[old];
        nodeAt[to] = nodeAt[old--];
      } else {
        positions[to] = place;
        nodeAt[to] = index;
        own--;
      }
    }
  }

  private reserve(count: number): void {
    if (count <= this.positions.length) return;
    const room = Math.max(count, Math.ceil(this.positions.length * 1.25));
    const [positions, nodeAt] = [new Uint32Array(room), new Uint16Array(room)];
    positions.set(this.positions);
    nodeAt.set(this.nodeAt);
    this.positions = positions;
    this.nodeAt = nodeAt;
  }

  private reserveNode(index: number): void {
    if (index < this.metIn.length) return;
    const metIn = new Uint32Array(this.metIn.length * 2);
    metIn.set(this.metIn);
    this.metIn = metIn;
  }

  private nextWalk(): number {
    if (this.walks === 0xffffffff) {
      this.metIn.fill(0);
      this.walks = 0;
    }
    return ++this.walks;
  }
}

const NOWHERE = new Uint32Array(0);

/** The first of the ascending values that is not below `value`; `count` where all are. */
function lowerBound(values: Uint32Array, count: number, value: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
