/**
 * A cluster table's distribution over its storage nodes, beside what the next placement will ask for. Made when somebody
 * looks: a few passes over the partitions.
 */
import { NO_NODE, type ClusterTable, type TableNode, type TablePartition } from '#libs/cluster';
import { analyse } from './analyse.js';
import type { Placement } from './place.js';

export interface RingNodeReport {
  readonly id: string;
  readonly zone: string;
  readonly weight: number;
  /** As the coordinator holds it. */
  readonly state: string;
  /** Copies that it owns, and how many of them are primaries. */
  readonly partitions: number;
  readonly primaries: number;
  /** Copies that its weight asks for, as far as the other nodes and the zones allow; a fraction. */
  readonly share: number;
  /** (partitions - share) / share; 0 where the share is 0. */
  readonly deviation: number;
  /** Copies that are on their way to it or from it, or will have to be until it has its share. */
  readonly movesPending: number;
}

export interface RingReport {
  readonly tableVersion: number;
  readonly partitions: number;
  /** Owners of all partitions together. */
  readonly copies: number;
  /** Partitions without any owner. */
  readonly unowned: number;
  /** The largest ratio of a node's copies to its share. */
  readonly loadFactor: number;
  /** Of the nodes' differences from their shares, in copies. */
  readonly standardDeviation: number;
  /** The largest absolute deviation of a node. */
  readonly maxDeviation: number;
  /** Copies on their way. */
  readonly movesActive: number;
  /** The same, and those that will have to follow until every node has its share. */
  readonly movesPending: number;
  /** Storage nodes that have, or are to have, partitions; by id. */
  readonly nodes: readonly RingNodeReport[];
}

export function ringReport(table: ClusterTable): RingReport {
  const members = membersOf(table);
  // One that drains is to hold nothing, whatever its weight.
  const nodes = members.map(({ nodeId, zone, status, weight }) => {
    return { id: nodeId, zone, weight: status === 'draining' ? 0 : weight };
  });
  const idOf = (index: number): string => table.nodes[index].nodeId;
  const now = table.partitions.map((partition) => primaryFirst(partition).map(idOf));
  const moves = table.partitions.flatMap(({ movingFrom, movingTo }) =>
    movingTo === NO_NODE ? [] : [{ from: movingFrom === NO_NODE ? '' : idOf(movingFrom), to: idOf(movingTo) }],
  );
  const planned = plannedOwners(table);
  const { nodes: loads, ...evenness } = analyse(now, nodes);
  const plannedLoads = analyse(planned, nodes).nodes;
  const missing = plannedLoads.map(({ goal, partitions }) => goal - partitions);
  return {
    tableVersion: table.tableVersion,
    partitions: table.partitions.length,
    copies: now.reduce((sum, owners) => sum + owners.length, 0),
    ...evenness,
    movesActive: moves.length,
    movesPending: missing.reduce((sum, count) => sum + Math.max(count, 0), moves.length),
    nodes: loads.map(({ id, partitions, primaries, share, deviation }, index) => {
      const { zone, weight, status } = members[index];
      const underWay = moves.filter(({ from, to }) => from === id || to === id).length;
      const movesPending = underWay + Math.abs(missing[index]);
      return { id, zone, weight, state: status, partitions, primaries, share, deviation, movesPending };
    }),
  };
}

/** By partition: the ids of its first so many owners, the primary first, once the moves under way have ended. */
export function plannedOwners({ nodes, partitions }: ClusterTable, copies = Infinity): Placement {
  return partitions.map((partition) => {
    const { movingTo, movingFrom, primary } = partition;
    const owners = partition.owners.map((owner) => (owner === movingFrom ? movingTo : owner));
    if (movingTo !== NO_NODE && movingFrom === NO_NODE) owners.push(movingTo);
    const kept = primaryFirst({
      owners: owners.slice(0, copies),
      primary: primary === movingFrom ? movingTo : primary,
    });
    return kept.map((owner) => nodes[owner].nodeId);
  });
}

/** Placements say by the order who is primary; tables keep owners at their places. */
function primaryFirst({ owners, primary }: Pick<TablePartition, 'owners' | 'primary'>): readonly number[] {
  return owners.includes(primary) ? [primary, ...owners.filter((owner) => owner !== primary)] : owners;
}

function membersOf(table: ClusterTable): readonly TableNode[] {
  const owners = new Set(table.partitions.flatMap((partition) => partition.owners));
  return table.nodes
    .filter((node, index) => node.role === 'storage-node' && (node.status !== 'left' || owners.has(index)))
    .toSorted((a, b) => (a.nodeId < b.nodeId ? -1 : 1));
}
