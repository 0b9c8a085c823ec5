/**
 * A consistent-hash ring: every node stands at many places (its virtual nodes), and a walk clockwise from a place meets
 * the nodes in an order that changes little when a node comes or goes. Source: Karger et al., "Consistent Hashing and
 * Random Trees" (1997). Typed arrays: six bytes a virtual node.
 */
import { positionsOf, sha256Positions, type PositionHash } from './position-hash.js';

export const VIRTUAL_NODES_PER_WEIGHT = 256;

export interface RingNode {
  readonly id: string;
  /** A whole number from 1. */
  readonly weight: number;
}

export class HashRing {
  /** Ascending. */
  private readonly positions: Uint32Array;
  /** By virtual node: the index of its node. */
  private readonly nodeAt: Uint16Array;
  /** By node: the walk that met it last. */
  private readonly metIn: Uint32Array;
  private walks = 0;

  constructor(nodes: readonly RingNode[], hash: PositionHash = sha256Positions) {
    const total = nodes.reduce((sum, node) => sum + node.weight * VIRTUAL_NODES_PER_WEIGHT, 0);
    const keys = new Float64Array(total);
    let filled = 0;
    nodes.forEach((node, index) => {
      const places = positionsOf(`node/${node.id}`, node.weight * VIRTUAL_NODES_PER_WEIGHT, hash);
      for (const place of places) keys[filled++] = place * 65536 + index;
    });
    keys.sort();
    this.positions = new Uint32Array(total);
    this.nodeAt = new Uint16Array(total);
    for (let i = 0; i < total; i++) {
      this.positions[i] = Math.floor(keys[i] / 65536);
      this.nodeAt[i] = keys[i] % 65536;
    }
    this.metIn = new Uint32Array(nodes.length);
  }

  /** Visits each node once, in the order in which a walk clockwise meets it, until `accept` takes one. -1: none. */
  walk(position: number, accept: (node: number) => boolean): number {
    const walk = ++this.walks;
    const start = this.firstAtOrAfter(position);
    const count = this.nodeAt.length;
    for (let step = 0, unmet = this.metIn.length; step < count && unmet > 0; step++) {
      const node = this.nodeAt[(start + step) % count];
      if (this.metIn[node] === walk) continue;
      this.metIn[node] = walk;
      unmet--;
      if (accept(node)) return node;
    }
    return -1;
  }

  /** How far clockwise of `position` the node's next virtual node stands. */
  distanceTo(position: number, node: number): number {
    const start = this.firstAtOrAfter(position);
    const count = this.nodeAt.length;
    for (let step = 0; step < count; step++) {
      const at = (start + step) % count;
      if (this.nodeAt[at] === node) return (this.positions[at] - position + 0x100000000) % 0x100000000;
    }
    return Infinity;
  }

  private firstAtOrAfter(position: number): number {
    let low = 0;
    let high = this.positions.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.positions[middle] < position) low = middle + 1;
      else high = middle;
    }
    return low === this.positions.length ? 0 : low;
  }
}
