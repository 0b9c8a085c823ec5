/** How evenly a placement loads the nodes: what operators and the rebalancer look at. */
import type { Placement, PlacementNode } from './place.js';
import { Shares } from './shares.js';
import { zonesOf } from './zones.js';

export interface NodeLoad {
  readonly id: string;
  /** Copies, and how many of them are primaries. */
  readonly partitions: number;
  readonly primaries: number;
  /** Copies that the node's weight asks for, as far as the other nodes and the zones allow; a fraction. */
  readonly share: number;
  /** The share in whole copies, as the next placement will have it. */
  readonly goal: number;
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

/** Owners that are not among `nodes` count nowhere; a node of weight 0 has no share. */
export function analyse(placement: Placement, nodes: readonly PlacementNode[]): LoadAnalysis {
  const { partitions, primaries } = countCopies(placement, nodes);
  const { exact, goals } = sharesIn(placement, nodes, partitions);
  const loads = nodes.map(({ id }, node): NodeLoad => {
    const share = exact[node];
    const deviation = share === 0 ? 0 : (partitions[node] - share) / share;
    return { id, partitions: partitions[node], primaries: primaries[node], share, goal: goals[node], deviation };
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

function countCopies(placement: Placement, nodes: readonly PlacementNode[]) {
  const indexOf = new Map(nodes.map(({ id }, index) => [id, index]));
  const [partitions, primaries] = [new Int32Array(nodes.length), new Int32Array(nodes.length)];
  for (const owners of placement) {
    owners.forEach((id, rank) => {
      const node = indexOf.get(id);
      if (node === undefined) return;
      partitions[node]++;
      if (rank === 0) primaries[node]++;
    });
  }
  return { partitions, primaries };
}

/** Of the copies that there are: partitions without an owner are in nobody's share. */
function sharesIn(placement: Placement, nodes: readonly PlacementNode[], loads: Int32Array) {
  const copies = placement.reduce((sum, owners) => sum + owners.length, 0);
  const replicationFactor = placement.reduce((most, owners) => Math.max(most, owners.length), 0);
  const zones = zonesOf(nodes, replicationFactor);
  const shares = new Shares(nodes, zones, placement.length, Math.min(copies, placement.length * zones.copies));
  return { exact: shares.exact, goals: shares.rounded(loads) };
}
