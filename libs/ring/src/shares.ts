/**
 * How many copies each node is to hold by weight: all of them are poured into the nodes by weight, no node holds two
 * copies of a partition, no zone more than its part of each, and what one cannot take goes to the others (max-min
 * fairness by water-filling, as in Bertsekas and Gallager, "Data Networks", 6.5.2). Whole-number arithmetic, so that
 * every coordinator comes to the same result.
 */
import type { ZonedNode, Zones } from './zones.js';

/** Nodes between which the same level of water stands. */
interface Pool {
  readonly members: readonly number[];
  /** Copies of the members, and the sum of their weights: a share is rest * weight / the sum. */
  readonly rest: number;
  readonly weight: number;
}

/** Shares as exact fractions, and what they must be rounded within. */
export class Shares {
  /** By node: what it holds whatever is rounded; for a node in a pool its share rounded down. */
  readonly floors: Int32Array;
  /** By node: the share as a fraction. */
  readonly exact: Float64Array;
  private readonly pools: Pool[] = [];

  constructor(
    private readonly nodes: readonly ZonedNode[],
    private readonly zones: Zones,
    private readonly partitionCount: number,
    /** All copies together. */
    total: number,
  ) {
    this.floors = new Int32Array(nodes.length);
    this.exact = new Float64Array(nodes.length);
    this.pour(total);
  }

  /** A node's share rounded up. */
  ceiling(node: number): number {
    return Math.ceil(this.exact[node]);
  }

  /**
   * Whole numbers of copies, exactly all together: each node's share rounded down or up. Those who hold more than the
   * rounded-down share now are rounded up first, then those whose share lost most.
   */
  rounded(loads: Int32Array): Int32Array {
    const quotas = this.floors.slice();
    const { zoneOf, caps } = this.zones;
    const room = Int32Array.from(caps, (cap) => cap * this.partitionCount);
    quotas.forEach((quota, node) => (room[zoneOf[node]] -= quota));
    for (const { members, rest, weight } of this.pools) {
      const remainderOf = (node: number): number => (rest * this.nodes[node].weight) % weight;
      const keeps = (node: number): number => (loads[node] > this.floors[node] ? 1 : 0);
      const order = members
        .filter((node) => remainderOf(node) > 0)
        .toSorted((a, b) => keeps(b) - keeps(a) || remainderOf(b) - remainderOf(a) || a - b);
      let missing = members.reduce((sum, node) => sum - this.floors[node], rest);
      for (const node of order) {
        if (missing === 0) break;
        if (room[zoneOf[node]] === 0) continue;
        room[zoneOf[node]]--;
        quotas[node]++;
        missing--;
      }
    }
    return quotas;
  }

  /** Zones that cannot take what the level would give them are filled first, each a pool of its own. */
  private pour(total: number): void {
    let open = [...this.nodes.keys()].filter((node) => this.nodes[node].weight > 0);
    let rest = total;
    for (;;) {
      const level = this.level(open, rest);
      const full = this.fullZones(open, level);
      if (full.size === 0) return this.fill(open, level);
      for (const zone of full) {
        const inside = open.filter((node) => this.zones.zoneOf[node] === zone);
        const taken = this.capacityOf(zone);
        this.fill(inside, this.level(inside, taken));
        rest -= taken;
      }
      open = open.filter((node) => !full.has(this.zones.zoneOf[node]));
    }
  }

  /** The pool that is left of `open` once nodes that would hold more than every partition hold just that. */
  private level(open: readonly number[], total: number): Pool {
    let members = open;
    let rest = total;
    for (;;) {
      const weight = members.reduce((sum, node) => sum + this.nodes[node].weight, 0);
      const most = this.partitionCount * weight;
      const below = members.filter((node) => rest * this.nodes[node].weight < most);
      if (below.length === members.length) return { members, rest, weight };
      rest -= (members.length - below.length) * this.partitionCount;
      members = below;
    }
  }

  private fullZones(open: readonly number[], { members, rest, weight }: Pool): Set<number> {
    const isBelow = new Set(members);
    const demand = new Map<number, number>();
    for (const node of open) {
      const zone = this.zones.zoneOf[node];
      const share = isBelow.has(node) ? rest * this.nodes[node].weight : this.partitionCount * weight;
      demand.set(zone, (demand.get(zone) ?? 0) + share);
    }
    // Without members every weight is 0, and every open zone holds what it can.
    return new Set([...demand].filter(([zone, share]) => share > this.capacityOf(zone) * weight).map(([zone]) => zone));
  }

  private capacityOf(zone: number): number {
    return this.zones.caps[zone] * this.partitionCount;
  }

  private fill(open: readonly number[], pool: Pool): void {
    for (const node of open) this.exact[node] = this.floors[node] = this.partitionCount;
    for (const node of pool.members) {
      const parts = pool.rest * this.nodes[node].weight;
      this.floors[node] = Math.floor(parts / pool.weight);
      this.exact[node] = parts / pool.weight;
    }
    if (pool.members.length > 0) this.pools.push(pool);
  }
}
