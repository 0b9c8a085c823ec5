/**
 * A consistent-hash ring: every node stands at many places (its virtual nodes), and a walk clockwise from a place meets
 * the nodes in an order that changes little when a node comes or goes. Source: Karger et al., "Consistent Hashing and
 * Random Trees" (1997).
 *
 * Two sorted typed arrays, six bytes a virtual node, and each node's own sorted positions, four bytes more. A node is
 * merged into the arrays from their ends, and one that goes is sieved out: one pass over runs of entries, without a second
 * copy. Its positions are computed once and kept for as long as it stands on the ring.
 */
import { assert } from '#libs/kernel';
import { positionsOf, sha256Positions, type PositionHash } from './position-hash.js';

export const VIRTUAL_NODES_PER_WEIGHT = 256;
/** The index of a node has 16 bits. */
const MAX_NODES = 0x10000;
const CIRCLE = 0x100000000;
/** Entries from which on a block copy is worth its call. */
const LONG_RUN = 32;

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
  private metIn = new Float64Array(8);
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
    const places = this.placesOf[index];
    let from = 0;
    places.forEach((place, taken) => {
      let at = this.firstNotBefore(place, from);
      while (this.nodeAt[at] !== index) at++;
      this.move(from, at, -taken);
      from = at + 1;
    });
    this.move(from, this.count, -places.length);
    this.count -= places.length;
    this.ids[index] = undefined;
    this.placesOf[index] = NOWHERE;
    this.free.push(index);
  }

  /** Visits each node once, in the order in which a walk clockwise meets it, until `accept` takes one. -1: none. */
  walk(position: number, accept: (node: number) => boolean): number {
    const walk = ++this.walks;
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
    const id = this.ids[index] as string;
    let end = this.count;
    this.count += places.length;
    for (let own = places.length - 1; own >= 0; own--) {
      const from = this.firstAfter(places[own], id, end);
      this.move(from, end, own + 1);
      this.positions[from + own] = places[own];
      this.nodeAt[from + own] = index;
      end = from;
    }
  }

  /** The first of the entries before `end` that comes after a node's place; searched in growing steps from the end. */
  private firstAfter(place: number, id: string, end: number): number {
    const { positions, nodeAt, ids } = this;
    let [low, high] = [end - 1, end];
    for (let step = 1; low >= 0 && positions[low] > place; step *= 2) {
      high = low;
      low -= step;
    }
    low = Math.max(low, -1);
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (positions[middle] > place) high = middle;
      else low = middle;
    }
    while (high > 0 && positions[high - 1] === place && (ids[nodeAt[high - 1]] as string) > id) high--;
    return high;
  }

  /** The first entry from `start` on that is not before a place; searched in growing steps. */
  private firstNotBefore(place: number, start: number): number {
    const { positions, count } = this;
    let [low, high] = [start - 1, start];
    for (let step = 1; high < count && positions[high] < place; step *= 2) {
      low = high;
      high += step;
    }
    high = Math.min(high, count);
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (positions[middle] < place) low = middle;
      else high = middle;
    }
    return high;
  }

  /** Shifts the entries from `from` up to `end`: short runs one by one, which a call for each costs more than. */
  private move(from: number, end: number, by: number): void {
    const { positions, nodeAt } = this;
    if (by === 0) return;
    if (end - from > LONG_RUN) {
      positions.copyWithin(from + by, from, end);
      nodeAt.copyWithin(from + by, from, end);
      return;
    }
    const step = by > 0 ? -1 : 1;
    for (let left = end - from, at = by > 0 ? end - 1 : from; left > 0; left--, at += step) {
      positions[at + by] = positions[at];
      nodeAt[at + by] = nodeAt[at];
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
    const metIn = new Float64Array(this.metIn.length * 2);
    metIn.set(this.metIn);
    this.metIn = metIn;
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
