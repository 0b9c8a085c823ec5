/**
 * Replication groups: stores of one replication factor share one sequence of events per partition, and one log to follow.
 * A group is numbered partition × 8 + (factor - 1), so that typed arrays hold what is known of all of them.
 */
import { REPLICATION_BOUNDS } from './bounds.js';

export const GROUPS_PER_PARTITION = REPLICATION_BOUNDS.maxFactor;

/** No group: what belongs to this node alone, and what is no event of its own. */
export const NO_GROUP = -1;

export function groupOf(partition: number, factor: number): number {
  return partition * GROUPS_PER_PARTITION + factor - 1;
}

export function partitionOf(group: number): number {
  return Math.floor(group / GROUPS_PER_PARTITION);
}

export function factorOf(group: number): number {
  return (group % GROUPS_PER_PARTITION) + 1;
}
