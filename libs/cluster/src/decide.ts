/**
 * What follows from a command in a state: events, or the reason of a refusal. Pure; the caller makes the events durable
 * before anybody hears of them.
 */
import { assertNever } from '#libs/kernel';
import type { ClusterCommand, Decision } from './cluster-command.js';
import type { ClusterState } from './cluster-state.js';
import type { ClusterTable } from './cluster-table.js';
import { decideChanges } from './decide-changes.js';
import { announce, declareDown, forget, leave, suspect } from './decide-members.js';
import { abortMove, finishMove, startMove } from './decide-moves.js';
import { drainNode } from './decide-node-changes.js';
import { andFailovers, failovers, handBack, removeOwner, reportServed, retryPromotion } from './decide-primaries.js';
import { accepted, nodeOf, refused } from './decide-parts.js';

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
      return andFailovers(state, announce(state, table, command.node, command.promotes), command.promotes);
    case 'Suspect':
      return suspect(table, command.nodeId);
    case 'DeclareDown':
      return andFailovers(state, declareDown(table, command.nodeId), command.promotes);
    case 'Leave':
      return andFailovers(state, leave(table, command.nodeId, command.incarnation), command.promotes);
    case 'FailOver':
      return accepted(...failovers(table));
    case 'Forget':
      return forget(table, command.nodeId);
    case 'Drain':
      return drain(state, table, command.nodeId, command.incarnation);
    case 'StartMove':
      return startMove(table, command);
    case 'FinishMove':
      return finishMove(state, table, command.report);
    case 'AbortMove':
      return abortMove(table, command.partition, command.moveId, command.reason);
    case 'RemoveOwner':
      return removeOwner(table, command.partition, command.nodeId);
    case 'HandBack':
      return handBack(table, command.partition, command.epoch, command.primary);
    case 'RetryPromotion':
      return retryPromotion(table, command.partition, command.epoch, command.tried);
    case 'ReportServed':
      return reportServed(state, table, command.reports);
    case 'Change':
      return decideChanges(state, table, command.requestId, command.changes, command.coordinators);
    default:
      return assertNever(command);
  }
}

/** A process that is about to stop asks for itself alone. */
function drain(state: ClusterState, table: ClusterTable, nodeId: string, incarnation: number): Decision {
  if (nodeOf(table, nodeId)?.incarnation !== incarnation) return refused(`the process is not "${nodeId}"`);
  const outcome = drainNode(state, table, '', nodeId);
  return 'ok' in outcome ? outcome : accepted(...outcome);
}
