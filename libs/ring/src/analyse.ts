/** How evenly a placement loads the nodes: what operators and the rebalancer look at. */
import type { Placement, PlacementNode } from './place.js';

export interface NodeLoad {
  readonly id: string;
  /** Copies, and how many of them are primaries. */
  readonly partitions: number;
  readonly primaries: number;
  /** Copies that the node's weight asks for; a fraction. */
  readonly share: number;
  /** (partitions - share) / share; 0 where the share is 0. */
  readonly deviation: number;
}

export interface LoadAnalysis {
  readonly nodes: readonly NodeLoad[];
  /** The largest absolute deviation of a node. */
  readonly maxDeviation: number;
  /** The largest ratio of a node's copies to its share. */
  readonly loadFactor: number;
  /** Of the nodes' differences from their shares, in copies. */
  readonly standardDeviation: number;
  /** Partitions without any owner. */
  readonly unowned: number;
}

export function analyse(placement: Placement, nodes: readonly PlacementNode[]): LoadAnalysis {
  const partitions = new Map<string, number>();
  const primaries = new Map<string, number>();
  let copies = 0;
  for (const owners of placement) {
    copies += owners.length;
    owners.forEach((id, rank) => {
      partitions.set(id, (partitions.get(id) ?? 0) + 1);
      if (rank === 0) primaries.set(id, (primaries.get(id) ?? 0) + 1);
    });
  }
  const weight = nodes.reduce((sum, node) => sum + node.weight, 0);
  const loads = nodes.map((node): NodeLoad => {
    const share = (copies * node.weight) / weight;
    const held = partitions.get(node.id) ?? 0;
    const deviation = share === 0 ? 0 : (held - share) / share;
    return { id: node.id, partitions: held, primaries: primaries.get(node.id) ?? 0, share, deviation };
  });
  const squares = loads.reduce((sum, load) => sum + (load.partitions - load.share) ** 2, 0);
  return {
    nodes: loads,
    maxDeviation: loads.reduce((most, load) => Math.max(most, Math.abs(load.deviation)), 0),
    loadFactor: loads.reduce((most, load) => Math.max(most, 1 + load.deviation), 0),
    standardDeviation: nodes.length === 0 ? 0 : Math.sqrt(squares / nodes.length),
    unowned: placement.filter((owners) => owners.length === 0).length,
  };
}

/** Copies that `next` has and `previous` has not: what must be transferred. */
export function movedCopies(previous: Placement, next: Placement): number {
  let moved = 0;
  next.forEach((owners, partition) => {
    for (const id of owners) if (!previous[partition].includes(id)) moved++;
  });
  return moved;
}
