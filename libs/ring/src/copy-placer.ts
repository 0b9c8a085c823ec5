/** Decides which nodes hold a copy of which partition. */
import { Copies } from './copies.js';
import { Exchange } from './exchange.js';
import type { HashRing } from './hash-ring.js';
import type { Shares } from './shares.js';
import type { Zones } from './zones.js';

type Roundable = Pick<Shares, 'floors' | 'rounded'>;

export class CopyPlacer {
  private readonly copies: Copies;
  private readonly quotas: Int32Array;
  private readonly exchange: Exchange;

  constructor(
    private readonly ring: HashRing,
    /** By partition: its place on the ring. */
    private readonly positions: Uint32Array,
    private readonly zones: Zones,
    shares: Roundable,
    previous: readonly (readonly number[])[],
  ) {
    this.copies = new Copies(zones, previous);
    this.dropExcess(shares);
    this.quotas = shares.rounded(this.copies.loads);
    this.exchange = new Exchange(this.copies, this.quotas);
  }

  /** By partition: its owners, those that stay first. */
  run(): number[][] {
    const { owners } = this.copies;
    const order = Array.from(this.positions.keys()).toSorted((a, b) => this.positions[a] - this.positions[b] || a - b);
    for (const partition of order) while (this.addNearest(partition));
    for (let node = 0; node < this.quotas.length; node++) this.shed(node);
    for (const partition of order) {
      while (owners[partition].length < this.zones.copies) {
        if (!this.exchange.addTo(partition)) this.addAnywhere(partition);
      }
    }
    for (let node = 0; node < this.quotas.length; node++) {
      while (this.copies.loads[node] > this.quotas[node] && this.exchange.relieve(node));
    }
    return owners;
  }

  /** Gives up copies that are one too many of a partition or of a zone: of those the node's with most above its share. */
  private dropExcess(shares: Roundable): void {
    const { owners, loads } = this.copies;
    const { zoneOf, caps, copies } = this.zones;
    const surplus = (node: number): number => loads[node] - shares.floors[node];
    const dropOne = (partition: number, among: readonly number[]): void => {
      const worst = among.reduce((most, node) => (surplus(node) > surplus(most) ? node : most));
      this.copies.take(partition, worst);
    };
    owners.forEach((own, partition) => {
      for (const zone of new Set(own.map((node) => zoneOf[node]))) {
        // A zone without any weight gives its copies up one by one, each to a node that is known.
        if (caps[zone] === 0) continue;
        for (;;) {
          const inZone = own.filter((node) => zoneOf[node] === zone);
          if (inZone.length <= caps[zone]) break;
          dropOne(partition, inZone);
        }
      }
      while (own.length > copies) dropOne(partition, own);
    });
  }

  /** To the first node of the partition's walk that has room; false where it has its owners, or no node has. */
  private addNearest(partition: number): boolean {
    if (this.copies.owners[partition].length >= this.zones.copies) return false;
    const node = this.nearestWithRoom(partition, -1);
    if (node >= 0) this.copies.give(partition, node);
    return node >= 0;
  }

  private nearestWithRoom(partition: number, giver: number): number {
    const { copies, quotas } = this;
    return this.ring.walk(
      this.positions[partition],
      (node) => copies.loads[node] < quotas[node] && copies.mayHold(partition, node, giver),
    );
  }

  /** Hands on what exceeds a node's quota, the partitions farthest from it first. */
  private shed(giver: number): void {
    const { copies, quotas } = this;
    if (copies.loads[giver] <= quotas[giver]) return;
    const distances = Float64Array.from(this.positions, (position) => this.ring.distanceTo(position, giver));
    const held = copies.owners
      .flatMap((owners, partition) => (owners.includes(giver) ? [partition] : []))
      .toSorted((a, b) => distances[b] - distances[a] || a - b);
    for (const partition of held) {
      if (copies.loads[giver] <= quotas[giver]) return;
      const taker = this.nearestWithRoom(partition, giver);
      if (taker < 0) continue;
      copies.take(partition, giver);
      copies.give(partition, taker);
    }
  }

  /** The last resort: a partition gets its owners, if need be beyond a quota or a zone's part. */
  private addAnywhere(partition: number): void {
    const { copies, quotas } = this;
    const others = Array.from(quotas.keys()).filter((node) => !copies.owners[partition].includes(node));
    const excess = (node: number): number =>
      copies.loads[node] - quotas[node] + (copies.mayHold(partition, node, -1) ? 0 : this.positions.length);
    copies.give(
      partition,
      others.reduce((best, node) => (excess(node) < excess(best) ? node : best)),
    );
  }
}
