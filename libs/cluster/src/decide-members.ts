/** Decides what members' own messages, and their silence, mean. */
import type { Decision } from './cluster-command.js';
import type { ClusterEvent } from './cluster-event.js';
import type { ClusterState } from './cluster-state.js';
import { isLive, isReachable, type ClusterTable, type TableNode } from './cluster-table.js';
import { abortsOf, accepted, nodeOf, NOTHING_TO_DO, refused, sharesOf } from './decide-parts.js';
import { failovers } from './decide-primaries.js';
import { CLUSTER_LIMITS } from './limits.js';
import { wantedOwners } from './replication.js';

/** `promotes`: whether the partitions of an earlier process go to other owners. */
export function announce(state: ClusterState, table: ClusterTable, node: TableNode, promotes = false): Decision {
  if (state.superseded.get(node.nodeId)?.includes(node.incarnation)) {
    return refused(`a later process has taken the node id "${node.nodeId}"`);
  }
  const known = nodeOf(table, node.nodeId);
  const isNew = known?.incarnation !== node.incarnation;
  if (isNew && node.replicates !== true && wantedOwners(table) > 1) {
    return refused('its release knows one copy of each entry, and this cluster keeps several: use a newer release');
  }
  if (known === undefined) {
    if (table.nodes.length >= CLUSTER_LIMITS.maxNodes) return refused('the cluster has as many members as it may have');
    return accepted({ type: 'NodeJoined', node });
  }
  if (known.role !== node.role) return refused(`the node id "${node.nodeId}" belongs to a ${known.role}`);
  if (known.incarnation !== node.incarnation) {
    return accepted(...abandoned(table, known, promotes), { type: 'NodeRestarted', node });
  }
  if (known.status === 'suspect' || known.status === 'down') return accepted({ type: 'NodeUp', nodeId: node.nodeId });
  if (known.status !== 'left' && known.weight !== node.weight) {
    return accepted({ type: 'NodeChanged', nodeId: node.nodeId, weight: node.weight });
  }
  return NOTHING_TO_DO;
}

/** The earlier process may have begun what the later one knows nothing of: it is not to go on as primary. */
function abandoned(table: ClusterTable, earlier: TableNode, promotes: boolean): ClusterEvent[] {
  const aborts = abortsOf(table, earlier.nodeId, 'restarted');
  return promotes ? [...aborts, ...failovers(table, (node) => table.nodes[node] === earlier)] : aborts;
}

export function suspect(table: ClusterTable, nodeId: string): Decision {
  const node = nodeOf(table, nodeId);
  return node !== undefined && isLive(node.status) ? accepted({ type: 'NodeSuspected', nodeId }) : NOTHING_TO_DO;
}

export function declareDown(table: ClusterTable, nodeId: string): Decision {
  const node = nodeOf(table, nodeId);
  if (node === undefined || !isReachable(node.status)) return NOTHING_TO_DO;
  return accepted(...abortsOf(table, nodeId, 'is down'), { type: 'NodeDown', nodeId });
}

/** It keeps its places among the owners: it may come back. */
export function leave(table: ClusterTable, nodeId: string, incarnation: number): Decision {
  const node = nodeOf(table, nodeId);
  if (node === undefined || node.status === 'left') return NOTHING_TO_DO;
  if (node.incarnation !== incarnation) return refused(`the process that leaves is not the one that is "${nodeId}"`);
  return accepted(...abortsOf(table, nodeId, 'left'), { type: 'NodeLeft', nodeId });
}

/** Somebody has been silent for long. */
export function forget(table: ClusterTable, nodeId: string): Decision {
  const node = nodeOf(table, nodeId);
  if (node === undefined) return NOTHING_TO_DO;
  if (isReachable(node.status)) return refused(`"${nodeId}" is up`);
  if (sharesOf(table, nodeId) > 0) return refused(`"${nodeId}" owns partitions`);
  return accepted({ type: 'NodeForgotten', nodeId, requestId: '' });
}
