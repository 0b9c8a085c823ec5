/**
 * What follows from a command in a state: events, or the reason of a refusal. Pure; the caller makes the events durable
 * before anybody hears of them. A move is committed by its own report alone, and never aborted after that.
 */
import { assertNever } from '#libs/kernel';
import type { ClusterCommand, Decision } from './cluster-command.js';
import type { ClusterEvent } from './cluster-event.js';
import type { ClusterState } from './cluster-state.js';
import { isReachable, NO_NODE, type ClusterTable, type TableNode } from './cluster-table.js';
import { decideChanges } from './decide-changes.js';
import { CLUSTER_LIMITS } from './limits.js';
import type { MoveFinished } from './requests.js';

const NOTHING_TO_DO: Decision = { ok: true, events: [] };

export function decide(state: ClusterState, command: ClusterCommand): Decision {
  const { table } = state;
  if (command.type === 'FormCluster') {
    return table === undefined
      ? accepted({ ...command, type: 'ClusterFormed' })
      : refused('the cluster exists already');
  }
  if (table === undefined) return refused('there is no cluster yet');
  switch (command.type) {
    case 'Announce':
      return announce(state, table, command.node);
    case 'Suspect':
      return suspect(table, command.nodeId);
    case 'DeclareDown':
      return declareDown(table, command.nodeId);
    case 'Leave':
      return leave(table, command.nodeId, command.incarnation);
    case 'Forget':
      return forget(table, command.nodeId);
    case 'StartMove':
      return startMove(table, command.partition, command.target);
    case 'FinishMove':
      return finishMove(table, command.report);
    case 'AbortMove':
      return abortMove(table, command.partition, command.moveId, command.reason);
    case 'Change':
      return decideChanges(state, table, command.requestId, command.changes);
    default:
      return assertNever(command);
  }
}

function accepted(...events: ClusterEvent[]): Decision {
  return { ok: true, events };
}

function refused(reason: string): Decision {
  return { ok: false, reason };
}

function find(table: ClusterTable, nodeId: string): TableNode | undefined {
  return table.nodes.find((node) => node.nodeId === nodeId);
}

function announce(state: ClusterState, table: ClusterTable, node: TableNode): Decision {
  if (state.superseded.get(node.nodeId)?.includes(node.incarnation)) {
    return refused(`a later process has taken the node id "${node.nodeId}"`);
  }
  const known = find(table, node.nodeId);
  if (known === undefined) {
    if (table.nodes.length >= CLUSTER_LIMITS.maxNodes) return refused('the cluster has as many members as it may have');
    return accepted({ type: 'NodeJoined', node });
  }
  if (known.role !== node.role) return refused(`the node id "${node.nodeId}" belongs to a ${known.role}`);
  if (known.incarnation !== node.incarnation) {
    return accepted(...abortsOf(table, node.nodeId, 'restarted'), { type: 'NodeRestarted', node });
  }
  if (known.status === 'suspect' || known.status === 'down') return accepted({ type: 'NodeUp', nodeId: node.nodeId });
  return NOTHING_TO_DO;
}

function suspect(table: ClusterTable, nodeId: string): Decision {
  return find(table, nodeId)?.status === 'up' ? accepted({ type: 'NodeSuspected', nodeId }) : NOTHING_TO_DO;
}

function declareDown(table: ClusterTable, nodeId: string): Decision {
  const node = find(table, nodeId);
  if (node === undefined || !isReachable(node.status)) return NOTHING_TO_DO;
  return accepted(...abortsOf(table, nodeId, 'is down'), { type: 'NodeDown', nodeId });
}

/** Owners keep their partitions: nobody else has the data. */
function leave(table: ClusterTable, nodeId: string, incarnation: number): Decision {
  const node = find(table, nodeId);
  if (node === undefined || node.status === 'left') return NOTHING_TO_DO;
  if (node.incarnation !== incarnation) return refused(`the process that leaves is not the one that is "${nodeId}"`);
  return accepted(...abortsOf(table, nodeId, 'left'), { type: 'NodeLeft', nodeId });
}

function forget(table: ClusterTable, nodeId: string): Decision {
  const index = table.nodes.findIndex((node) => node.nodeId === nodeId);
  if (index === NO_NODE) return NOTHING_TO_DO;
  if (isReachable(table.nodes[index].status)) return refused(`"${nodeId}" is up`);
  const used = table.partitions.some(({ owners, movingTo }) => movingTo === index || owners.includes(index));
  return used ? refused(`"${nodeId}" owns partitions`) : accepted({ type: 'NodeForgotten', nodeId });
}

/** The ends of all moves from and to a node that is not what it was. */
function abortsOf(table: ClusterTable, nodeId: string, what: string): ClusterEvent[] {
  const index = table.nodes.findIndex((node) => node.nodeId === nodeId);
  const aborts: ClusterEvent[] = [];
  table.partitions.forEach(({ owners, movingTo }, partition) => {
    if (movingTo === NO_NODE || (movingTo !== index && owners[0] !== index)) return;
    const reason = `${movingTo === index ? 'target' : 'source'} ${what}`;
    aborts.push({ type: 'MoveAborted', partition, ...endsOf(table, partition), reason });
  });
  return aborts;
}

function endsOf(table: ClusterTable, partition: number): { source: string; target: string } {
  const { owners, movingTo } = table.partitions[partition];
  return { source: table.nodes[owners[0]].nodeId, target: table.nodes[movingTo].nodeId };
}

function startMove(table: ClusterTable, partition: number, targetId: string): Decision {
  if (partition >= table.partitions.length) return refused(`there is no partition ${partition}`);
  const { owners, movingTo } = table.partitions[partition];
  if (movingTo !== NO_NODE) return refused(`partition ${partition} is moving already`);
  if (owners.length === 0) return refused(`partition ${partition} has no owner`);
  const source = table.nodes[owners[0]];
  const target = find(table, targetId);
  if (target?.role !== 'storage-node' || target.status !== 'up')
    return refused(`"${targetId}" is no storage node that is up`);
  if (source.status !== 'up') return refused(`the owner "${source.nodeId}" is not up`);
  if (owners.some((owner) => table.nodes[owner] === target))
    return refused(`"${targetId}" owns partition ${partition}`);
  return accepted({ type: 'MoveStarted', partition, source: source.nodeId, target: targetId });
}

function finishMove(table: ClusterTable, report: MoveFinished): Decision {
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
  if (report.ok) return accepted({ type: 'PartitionMoved', partition: number, source, target });
  return accepted({
    type: 'MoveAborted',
    partition: number,
    source,
    target,
    reason: report.reason || 'the source failed',
  });
}

/** A report whose answer was lost is sent again: it has been carried out already. */
function isCommitted(table: ClusterTable, report: MoveFinished): boolean {
  const { epoch, owners } = table.partitions[report.partition];
  return owners.length > 0 && epoch === report.epoch + 1 && table.nodes[owners[0]].nodeId === report.target;
}

function abortMove(table: ClusterTable, partition: number, moveId: number, reason: string): Decision {
  const { movingTo, moveId: current } = table.partitions[partition];
  if (movingTo === NO_NODE || current !== moveId) return NOTHING_TO_DO;
  return accepted({ type: 'MoveAborted', partition, ...endsOf(table, partition), reason });
}
