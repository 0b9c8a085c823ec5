/**
 * How many copies of one partition a zone may hold: as few as possible, so that losing a zone loses as few copies as
 * possible. With as many zones as copies that is one each; with fewer, or with zones of few nodes, others hold more.
 */
export interface ZonedNode {
  /** A whole number from 0; a node without weight is to hold nothing. */
  readonly weight: number;
  readonly zone: string;
}

export interface Zones {
  /** By node: the index of its zone. */
  readonly zoneOf: Uint16Array;
  /** By zone: copies of one partition. */
  readonly caps: Uint16Array;
  /** Copies of a partition that there are to be: as many as asked for, or as there are nodes with weight. */
  readonly copies: number;
}

export function zonesOf(nodes: readonly ZonedNode[], replicationFactor: number): Zones {
  const indexes = new Map<string, number>();
  for (const { zone } of nodes) if (!indexes.has(zone)) indexes.set(zone, indexes.size);
  const zoneOf = Uint16Array.from(nodes, ({ zone }) => indexes.get(zone) as number);
  const sizes = new Uint16Array(indexes.size);
  nodes.forEach(({ weight }, node) => {
    if (weight > 0) sizes[zoneOf[node]]++;
  });
  const copies = Math.min(
    replicationFactor,
    sizes.reduce((sum, size) => sum + size, 0),
  );
  const capsAt = (most: number): Uint16Array => sizes.map((size) => Math.min(size, most));
  for (let most = 1; ; most++) {
    const caps = capsAt(most);
    if (caps.reduce((sum, cap) => sum + cap, 0) >= copies) return { zoneOf, caps, copies };
  }
}
