/** Who holds which copies while a placement is made; nodes, zones and partitions are indexes. */
import type { Zones } from './zones.js';

export class Copies {
  /** By partition; the order says who was there first. */
  readonly owners: number[][];
  /** By node: copies held. */
  readonly loads: Int32Array;
  private readonly wasOwner: Uint8Array;
  private readonly nodeCount: number;

  constructor(
    readonly zones: Zones,
    previous: readonly (readonly number[])[],
  ) {
    this.nodeCount = zones.zoneOf.length;
    this.wasOwner = new Uint8Array(previous.length * this.nodeCount);
    this.loads = new Int32Array(this.nodeCount);
    this.owners = previous.map((indexes, partition) => {
      for (const node of indexes) {
        this.wasOwner[partition * this.nodeCount + node] = 1;
        this.loads[node]++;
      }
      return [...indexes];
    });
  }

  /** Whether the node held the partition before, so that no data has to go there. */
  wasAt(partition: number, node: number): boolean {
    return this.wasOwner[partition * this.nodeCount + node] === 1;
  }

  /** Whether `node` may take a copy, once `giver` (-1: nobody) has given its own up. */
  mayHold(partition: number, node: number, giver: number): boolean {
    const { zoneOf, caps } = this.zones;
    const zone = zoneOf[node];
    let inZone = giver >= 0 && zoneOf[giver] === zone ? -1 : 0;
    for (const owner of this.owners[partition]) {
      if (owner === node) return false;
      if (zoneOf[owner] === zone) inZone++;
    }
    return inZone < caps[zone];
  }

  give(partition: number, node: number): void {
    this.owners[partition].push(node);
    this.loads[node]++;
  }

  take(partition: number, node: number): void {
    const owners = this.owners[partition];
    owners.splice(owners.indexOf(node), 1);
    this.loads[node]--;
  }
}
