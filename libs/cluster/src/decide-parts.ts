/** What all parts of deciding share. */
import type { RefusalCode } from './cluster-change.js';
import type { Decision, Refusal } from './cluster-command.js';
import type { ClusterEvent } from './cluster-event.js';
import { NO_NODE, type ClusterTable, type TableNode } from './cluster-table.js';

export const NOTHING_TO_DO: Decision = { ok: true, events: [] };

export function accepted(...events: ClusterEvent[]): Decision {
  return { ok: true, events };
}

/** Of commands that the coordinator gives itself. */
export function refused(reason: string): Refusal {
  return { ok: false, reason };
}

/** Of changes that somebody has asked for. */
export function refusedAs(code: RefusalCode, reason: string): Refusal {
  return { ok: false, reason, code };
}

export function nodeOf(table: ClusterTable, nodeId: string): TableNode | undefined {
  return table.nodes.find((node) => node.nodeId === nodeId);
}

/** How many partitions a node is the primary of. */
export function primariesOf(table: ClusterTable, nodeId: string): number {
  const index = table.nodes.findIndex((node) => node.nodeId === nodeId);
  if (index === NO_NODE) return 0;
  return table.partitions.reduce((sum, { primary }) => sum + (primary === index ? 1 : 0), 0);
}

/** How many partitions a node owns, is about to own, or has owned and is still asked about. */
export function sharesOf(table: ClusterTable, nodeId: string): number {
  const index = table.nodes.findIndex((node) => node.nodeId === nodeId);
  if (index === NO_NODE) return 0;
  return table.partitions.filter(
    ({ owners, outgoing, movingTo }) => movingTo === index || owners.includes(index) || outgoing.includes(index),
  ).length;
}

/** The node ids of a partition's move. */
export interface MoveEnds {
  /** Who copies: the primary. */
  readonly source: string;
  readonly target: string;
  /** Whose place the target takes; empty for none. */
  readonly replaces: string;
}

export function endsOf(table: ClusterTable, partition: number): MoveEnds {
  const { primary, movingTo, movingFrom } = table.partitions[partition];
  return {
    source: table.nodes[primary].nodeId,
    target: table.nodes[movingTo].nodeId,
    replaces: movingFrom === NO_NODE ? '' : table.nodes[movingFrom].nodeId,
  };
}

/** The end of a partition's move; none where it does not move. */
export function abortOf(table: ClusterTable, partition: number, reason: string): ClusterEvent[] {
  if (table.partitions[partition].movingTo === NO_NODE) return [];
  const { source, target } = endsOf(table, partition);
  return [{ type: 'MoveAborted', partition, source, target, reason }];
}

/** The ends of all moves that a filter names. */
export function abortsWhere(
  table: ClusterTable,
  isAborted: (ends: MoveEnds) => boolean,
  reasonOf: (ends: MoveEnds) => string,
): ClusterEvent[] {
  return table.partitions.flatMap(({ movingTo }, partition): ClusterEvent[] => {
    if (movingTo === NO_NODE) return [];
    const ends = endsOf(table, partition);
    return isAborted(ends) ? abortOf(table, partition, reasonOf(ends)) : [];
  });
}

/** The ends of all moves from and to a node that is not what it was. */
export function abortsOf(table: ClusterTable, nodeId: string, what: string): ClusterEvent[] {
  return abortsWhere(
    table,
    ({ source, target }) => source === nodeId || target === nodeId,
    ({ target }) => `${target === nodeId ? 'target' : 'source'} ${what}`,
  );
}
