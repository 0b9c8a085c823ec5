/**
 * Chooses the primary among each partition's owners, so that every node is primary of its share, rounded down or up. A
 * primary stays where it can; a node with too many hands primaries on along the shortest chain of owners that ends at a
 * node with room (an augmenting path, as in Ford and Fulkerson's maximum flow). No data moves by it.
 *
 * Where every node holds its share of the copies by weight, such a choice exists: one primary in R copies everywhere is
 * a fractional one, and flows between whole bounds that have a fractional solution have a whole one.
 */
import type { Shares } from './shares.js';

/** Reorders `owners` in place, the primary first; `previous` is by partition as well, the primary first. */
export function choosePrimaries(shares: Shares, owners: number[][], previous: readonly (readonly number[])[]): void {
  new PrimaryChooser(shares, owners, previous).run();
}

class PrimaryChooser {
  /** By node. */
  private readonly loads: Int32Array;

  constructor(
    private readonly shares: Shares,
    private readonly owners: number[][],
    previous: readonly (readonly number[])[],
  ) {
    owners.forEach((indexes, partition) => {
      const earlier = previous[partition][0];
      if (indexes.includes(earlier)) promote(indexes, earlier);
    });
    this.loads = new Int32Array(shares.floors.length);
    for (const [primary] of owners) if (primary !== undefined) this.loads[primary]++;
  }

  run(): void {
    const { floors } = this.shares;
    const isPoor = (node: number): boolean => this.loads[node] < floors[node];
    const hasRoom = (node: number): boolean => this.loads[node] < this.shares.ceiling(node);
    for (let node = 0; node < floors.length; node++) {
      while (this.loads[node] > this.shares.ceiling(node) && (this.handOn(node, isPoor) || this.handOn(node, hasRoom)));
    }
    for (let node = 0; node < floors.length; node++) {
      while (this.loads[node] > floors[node] && this.handOn(node, isPoor));
    }
  }

  /** Takes one primary from `start`; false where no chain leads to a node that takes it. */
  private handOn(start: number, accepts: (node: number) => boolean): boolean {
    const primaries = this.primariesByNode();
    const reachedBy = new Int32Array(this.loads.length).fill(-1);
    const queue = [start];
    for (const node of queue) {
      for (const partition of primaries[node]) {
        for (const next of this.owners[partition]) {
          if (next === start || reachedBy[next] >= 0) continue;
          reachedBy[next] = partition;
          if (accepts(next)) {
            this.shift(start, next, reachedBy);
            return true;
          }
          queue.push(next);
        }
      }
    }
    return false;
  }

  private shift(start: number, end: number, reachedBy: Int32Array): void {
    for (let node = end; node !== start;) {
      const indexes = this.owners[reachedBy[node]];
      const earlier = indexes[0];
      promote(indexes, node);
      node = earlier;
    }
    this.loads[start]--;
    this.loads[end]++;
  }

  private primariesByNode(): number[][] {
    const primaries: number[][] = Array.from(this.loads, () => []);
    this.owners.forEach(([primary], partition) => primaries[primary]?.push(partition));
    return primaries;
  }
}

function promote(indexes: number[], node: number): void {
  indexes.splice(indexes.indexOf(node), 1);
  indexes.unshift(node);
}
