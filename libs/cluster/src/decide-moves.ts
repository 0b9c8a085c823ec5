/** Decides how moves begin and end. A move is committed by its own report alone, and never aborted after that. */
import type { Decision } from './cluster-command.js';
import type { ClusterEvent } from './cluster-event.js';
import type { ClusterState } from './cluster-state.js';
import { canAgree, isLive, NO_NODE, type ClusterTable, type TableNode, type TablePartition } from './cluster-table.js';
import { abortOf, accepted, endsOf, nodeOf, NOTHING_TO_DO, refused, sharesOf } from './decide-parts.js';
import { CLUSTER_LIMITS } from './limits.js';
import type { MoveFinished } from './requests.js';

export interface StartMove {
  readonly partition: number;
  readonly target: string;
  readonly replaces?: string;
  readonly requestId?: string;
}

export function startMove(table: ClusterTable, { partition, target: targetId, ...rest }: StartMove): Decision {
  const obstacle = whyBusy(table, partition);
  if (obstacle !== undefined) return refused(obstacle);
  const { owners, primary } = table.partitions[partition];
  const source = table.nodes[primary];
  const target = nodeOf(table, targetId);
  if (target === undefined || !canTakeOver(target)) return refused(`"${targetId}" is no storage node that is up`);
  if (source.status !== 'up' && source.status !== 'draining') return refused(`the owner "${source.nodeId}" is not up`);
  if (!canAgree(table, owners)) return refused(tooFewOf(partition));
  const ids = owners.map((owner) => table.nodes[owner].nodeId);
  if (ids.includes(targetId)) return refused(`"${targetId}" owns partition ${partition}`);
  const { replaces = source.nodeId, requestId = '' } = rest;
  if (replaces !== '' && !ids.includes(replaces)) return refused(`"${replaces}" does not own partition ${partition}`);
  if (replaces === '' && ids.length >= CLUSTER_LIMITS.maxOwners) {
    return refused(`partition ${partition} has as many owners as there may be`);
  }
  if (movesIn(table) >= CLUSTER_LIMITS.maxMoves) return refused('as many partitions move as may move at a time');
  return accepted({ type: 'MoveStarted', partition, source: source.nodeId, target: targetId, replaces, requestId });
}

export function tooFewOf(partition: number): string {
  return `too few owners of partition ${partition} are up to agree on a change`;
}

/** Why owners and primary of a partition stay as they are now; undefined where they may change. */
export function whyBusy(table: ClusterTable, partition: number): string | undefined {
  if (partition >= table.partitions.length) return `there is no partition ${partition}`;
  const { owners, outgoing, movingTo } = table.partitions[partition];
  if (movingTo !== NO_NODE) return `partition ${partition} is moving already`;
  if (owners.length === 0) return `partition ${partition} has no owner`;
  return outgoing.length > 0 ? `partition ${partition} is changing its owners` : undefined;
}

function movesIn({ partitions }: ClusterTable): number {
  return partitions.reduce((sum, { movingTo }) => sum + (movingTo === NO_NODE ? 0 : 1), 0);
}

/** Whether a node may get partitions now. */
export function canTakeOver({ role, status }: TableNode): boolean {
  return role === 'storage-node' && (status === 'up' || status === 'joining');
}

export function finishMove(state: ClusterState, table: ClusterTable, report: MoveFinished): Decision {
  if (report.clusterId !== table.clusterId) return refused('the report is from another cluster');
  if (report.partition >= table.partitions.length) return refused(`there is no partition ${report.partition}`);
  const partition = table.partitions[report.partition];
  if (report.ok && isCommitted(table, report)) return NOTHING_TO_DO;
  if (partition.movingTo === NO_NODE || partition.moveId !== report.moveId || partition.epoch !== report.epoch) {
    return refused(`move ${report.moveId} of partition ${report.partition} is not under way`);
  }
  const number = report.partition;
  const { source, target, replaces } = endsOf(table, number);
  if (report.source !== source || report.target !== target)
    return refused(`the move goes from "${source}" to "${target}"`);
  if (table.nodes[partition.primary].incarnation !== report.incarnation) {
    return refused(`the report is not from the process that is "${source}"`);
  }
  const reason = report.ok ? whyInVain(table, partition, report) : report.reason;
  if (reason !== undefined) {
    return accepted({ type: 'MoveAborted', partition: number, source, target, reason: reason || 'the source failed' });
  }
  // Of several owners the one that goes is asked until the next epoch is served.
  const isLast = partition.owners.length === 1 && isLastShare(state, table, replaces);
  const drained: ClusterEvent[] = isLast ? [{ type: 'NodeDrained', nodeId: replaces }] : [];
  return accepted({ type: 'PartitionMoved', partition: number, source, target }, ...drained);
}

function isLastShare(state: ClusterState, table: ClusterTable, nodeId: string): boolean {
  return state.draining.get(nodeId) === false && sharesOf(table, nodeId) === 1;
}

/** The source still has everything, so a target that may have lost the copy is not given the partition. */
function whyInVain(
  table: ClusterTable,
  { owners, movingTo }: TablePartition,
  report: MoveFinished,
): string | undefined {
  if (owners.length > 1 && !canAgree(table, owners)) return 'too few owners are up';
  const target = table.nodes[movingTo];
  if (target.incarnation !== report.targetIncarnation) return 'the copy went to another process than the target now is';
  return isLive(target.status) ? undefined : `the target is ${target.status}`;
}

/** A report whose answer was lost is sent again: it has been carried out already. */
function isCommitted(table: ClusterTable, report: MoveFinished): boolean {
  const { epoch, owners } = table.partitions[report.partition];
  return epoch === report.epoch + 1 && owners.some((owner) => table.nodes[owner].nodeId === report.target);
}

export function abortMove(table: ClusterTable, partition: number, moveId: number, reason: string): Decision {
  const { movingTo, moveId: current } = table.partitions[partition];
  if (movingTo === NO_NODE || current !== moveId) return NOTHING_TO_DO;
  return accepted(...abortOf(table, partition, reason));
}
