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
  return table.partitions.reduce((sum, { owners }) => sum + (owners[0] === index ? 1 : 0), 0);
}

/** How many partitions a node owns, or is about to get. */
export function sharesOf(table: ClusterTable, nodeId: string): number {
  const index = table.nodes.findIndex((node) => node.nodeId === nodeId);
  if (index === NO_NODE) return 0;
  const isUsed = table.partitions.filter(({ owners, movingTo }) => movingTo === index || owners.includes(index));
  return isUsed.length;
}

/** The ends of a partition's move. */
export function endsOf(table: ClusterTable, partition: number): { source: string; target: string } {
  const { owners, movingTo } = table.partitions[partition];
  return { source: table.nodes[owners[0]].nodeId, target: table.nodes[movingTo].nodeId };
}

/** The ends of all moves that a filter names. */
export function abortsWhere(
  table: ClusterTable,
  isAborted: (ends: { readonly source: string; readonly target: string }) => boolean,
  reasonOf: (ends: { readonly source: string; readonly target: string }) => string,
): ClusterEvent[] {
  return table.partitions.flatMap(({ movingTo }, partition): ClusterEvent[] => {
    if (movingTo === NO_NODE) return [];
    const ends = endsOf(table, partition);
    return isAborted(ends) ? [{ type: 'MoveAborted', partition, ...ends, reason: reasonOf(ends) }] : [];
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
