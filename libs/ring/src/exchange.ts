/**
 * Finds room where none is at hand: a copy goes to a full node, which hands one of its own on, and so on to a node with
 * room (an augmenting path, as in Ford and Fulkerson's maximum flow). Of all chains one is taken that moves the fewest
 * copies from where their data lies: copies that are on the move anyway are handed on for nothing.
 */
import type { Copies } from './copies.js';

const NONE = -1;

export class Exchange {
  /** By node: moves of the chain that leads to it, the partition that it takes, and the node that gives it. */
  private readonly cost: Float64Array;
  private readonly takes: Int32Array;
  private readonly giver: Int32Array;
  private readonly settled: Uint8Array;
  /** By node: the partitions held. */
  private held: number[][] = [];

  constructor(
    private readonly copies: Copies,
    private readonly quotas: Int32Array,
  ) {
    const { length } = quotas;
    this.cost = new Float64Array(length);
    this.takes = new Int32Array(length);
    this.giver = new Int32Array(length);
    this.settled = new Uint8Array(length);
  }

  /** Gives the partition one owner more; false where no chain leads to room. */
  addTo(partition: number): boolean {
    this.begin();
    for (let node = 0; node < this.cost.length; node++) this.offer(partition, node, NONE, 0);
    return this.search();
  }

  /** Takes one copy from a node that has too many; false where no chain leads to room. */
  relieve(node: number): boolean {
    this.begin();
    this.cost[node] = 0;
    return this.search();
  }

  private begin(): void {
    this.cost.fill(Infinity);
    this.takes.fill(NONE);
    this.giver.fill(NONE);
    this.settled.fill(0);
    this.held = Array.from(this.cost, () => []);
    this.copies.owners.forEach((owners, partition) => {
      for (const node of owners) this.held[node].push(partition);
    });
  }

  /** Dijkstra's algorithm over the nodes. */
  private search(): boolean {
    for (;;) {
      const node = this.nearest();
      if (node === NONE) return false;
      this.settled[node] = 1;
      if (this.takes[node] !== NONE && this.copies.loads[node] < this.quotas[node]) {
        this.carryOut(node);
        return true;
      }
      this.expand(node);
    }
  }

  /** Among equals one with room. */
  private nearest(): number {
    let best = NONE;
    for (let node = 0; node < this.cost.length; node++) {
      if (this.settled[node] === 1 || this.cost[node] === Infinity) continue;
      if (best === NONE || this.rank(node) < this.rank(best)) best = node;
    }
    return best;
  }

  private rank(node: number): number {
    return 2 * this.cost[node] + (this.copies.loads[node] < this.quotas[node] ? 0 : 1);
  }

  private expand(node: number): void {
    for (const partition of this.held[node]) {
      if (this.isOnChain(partition, node)) continue;
      const leaving = this.copies.wasAt(partition, node) ? 1 : 0;
      for (let next = 0; next < this.cost.length; next++) {
        if (this.settled[next] === 0 && this.cost[next] > this.cost[node]) this.offer(partition, next, node, leaving);
      }
    }
  }

  private offer(partition: number, node: number, giver: number, leaving: number): void {
    const base = giver === NONE ? 0 : this.cost[giver];
    const cost = base + (this.copies.wasAt(partition, node) ? 0 : leaving);
    if (cost >= this.cost[node] || !this.copies.mayHold(partition, node, giver)) return;
    this.cost[node] = cost;
    this.takes[node] = partition;
    this.giver[node] = giver;
  }

  /** A partition changes hands once in a chain: its zones were looked at as they are now. */
  private isOnChain(partition: number, end: number): boolean {
    for (let node = end; node !== NONE; node = this.giver[node]) if (this.takes[node] === partition) return true;
    return false;
  }

  private carryOut(end: number): void {
    for (let node = end; node !== NONE && this.takes[node] !== NONE; node = this.giver[node]) {
      const partition = this.takes[node];
      const giver = this.giver[node];
      if (giver !== NONE) this.copies.take(partition, giver);
      this.copies.give(partition, node);
    }
  }
}
