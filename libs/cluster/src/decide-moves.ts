/** Decides how moves begin and end. A move is committed by its own report alone, and never aborted after that. */
import type { Decision } from './cluster-command.js';
import type { ClusterEvent } from './cluster-event.js';
import type { ClusterState } from './cluster-state.js';
import { isLive, NO_NODE, type ClusterTable, type TableNode } from './cluster-table.js';
import { accepted, endsOf, nodeOf, NOTHING_TO_DO, refused, sharesOf } from './decide-parts.js';
import type { MoveFinished } from './requests.js';

export function startMove(table: ClusterTable, partition: number, targetId: string, requestId = ''): Decision {
  if (partition >= table.partitions.length) return refused(`there is no partition ${partition}`);
  const { owners, movingTo } = table.partitions[partition];
  if (movingTo !== NO_NODE) return refused(`partition ${partition} is moving already`);
  if (owners.length === 0) return refused(`partition ${partition} has no owner`);
  const source = table.nodes[owners[0]];
  const target = nodeOf(table, targetId);
  if (target === undefined || !canTakeOver(target)) return refused(`"${targetId}" is no storage node that is up`);
  if (source.status !== 'up' && source.status !== 'draining') return refused(`the owner "${source.nodeId}" is not up`);
  if (owners.some((owner) => table.nodes[owner] === target))
    return refused(`"${targetId}" owns partition ${partition}`);
  return accepted({ type: 'MoveStarted', partition, source: source.nodeId, target: targetId, requestId });
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
  const { partition: number, source, target } = { partition: report.partition, ...endsOf(table, report.partition) };
  if (report.source !== source || report.target !== target)
    return refused(`the move goes from "${source}" to "${target}"`);
  if (table.nodes[partition.owners[0]].incarnation !== report.incarnation) {
    return refused(`the report is not from the process that is "${source}"`);
  }
  const reason = report.ok ? whyTargetLost(table.nodes[partition.movingTo], report) : report.reason;
  if (reason !== undefined) {
    return accepted({ type: 'MoveAborted', partition: number, source, target, reason: reason || 'the source failed' });
  }
  const isLast = state.draining.get(source) === false && sharesOf(table, source) === 1;
  const drained: ClusterEvent[] = isLast ? [{ type: 'NodeDrained', nodeId: source }] : [];
  return accepted({ type: 'PartitionMoved', partition: number, source, target }, ...drained);
}

/** The source still has everything, so a target that may have lost the copy is not given the partition. */
function whyTargetLost(target: TableNode, report: MoveFinished): string | undefined {
  if (target.incarnation !== report.targetIncarnation) return 'the copy went to another process than the target now is';
  return isLive(target.status) ? undefined : `the target is ${target.status}`;
}

/** A report whose answer was lost is sent again: it has been carried out already. */
function isCommitted(table: ClusterTable, report: MoveFinished): boolean {
  const { epoch, owners } = table.partitions[report.partition];
  return owners.length > 0 && epoch === report.epoch + 1 && table.nodes[owners[0]].nodeId === report.target;
}

export function abortMove(table: ClusterTable, partition: number, moveId: number, reason: string): Decision {
  const { movingTo, moveId: current } = table.partitions[partition];
  if (movingTo === NO_NODE || current !== moveId) return NOTHING_TO_DO;
  return accepted({ type: 'MoveAborted', partition, ...endsOf(table, partition), reason });
}
