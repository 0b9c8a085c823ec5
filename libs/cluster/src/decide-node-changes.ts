/** Decides what people ask of nodes: to drain, to be forgotten, to take a partition. Each refusal says what to do. */
import { assertNever } from '#libs/kernel';
import type { NodeChange } from './cluster-change.js';
import type { Refusal } from './cluster-command.js';
import type { ClusterEvent } from './cluster-event.js';
import type { ClusterState } from './cluster-state.js';
import { isReachable, type ClusterTable, type TableNode } from './cluster-table.js';
import { canTakeOver, startMove, whyBusy } from './decide-moves.js';
import { abortOf, abortsWhere, nodeOf, primariesOf, refusedAs, sharesOf } from './decide-parts.js';
import { nextPrimary, transfer } from './decide-primaries.js';

type Outcome = readonly ClusterEvent[] | Refusal;

export function decideNodeChange(
  state: ClusterState,
  table: ClusterTable,
  requestId: string,
  change: NodeChange,
  coordinators: ReadonlySet<string>,
): Outcome {
  switch (change.type) {
    case 'DrainNode':
      return drainNode(state, table, requestId, change.nodeId);
    case 'UndrainNode':
      return undrainNode(state, table, requestId, change.nodeId);
    case 'ForgetNode':
      return forgetNode(table, requestId, change.nodeId, coordinators);
    case 'MovePrimary':
      return movePrimary(table, requestId, change.partition, change.target);
    case 'Rebalance':
      return [{ type: 'RebalanceRequested', requestId }];
    case 'CancelMoves':
      return cancelMoves(state, table, requestId, change.nodeId);
    default:
      return assertNever(change);
  }
}

export function drainNode(state: ClusterState, table: ClusterTable, requestId: string, nodeId: string): Outcome {
  const node = nodeOf(table, nodeId);
  if (node === undefined) return unknownNode(table, nodeId);
  if (node.role !== 'storage-node') {
    return refusedAs('invalid', `"${nodeId}" is a ${node.role}; only storage nodes own partitions`);
  }
  if (state.draining.has(nodeId)) return [];
  const owned = sharesOf(table, nodeId);
  if (!isReachable(node.status)) {
    const advice = primariesOf(table, nodeId) === 0 ? `CLUSTER FORGET ${nodeId}` : 'start it again';
    return refusedAs('conflict', `"${nodeId}" is ${node.status} and can hand nothing over: ${advice}`);
  }
  if (owned > 0 && !table.nodes.some((other) => other !== node && canTakeOver(other))) {
    return refusedAs('conflict', `no other storage node is up that could take over from "${nodeId}": start one first`);
  }
  const aborts = abortsWhere(
    table,
    ({ target }) => target === nodeId,
    () => 'target is draining',
  );
  const drained: ClusterEvent[] = owned === aborts.length ? [{ type: 'NodeDrained', nodeId }] : [];
  return [...aborts, { type: 'NodeDraining', nodeId, requestId }, ...drained];
}

/** What has moved away stays where it is until rebalancing brings the node its share. */
function undrainNode(state: ClusterState, table: ClusterTable, requestId: string, nodeId: string): Outcome {
  if (nodeOf(table, nodeId) === undefined) return unknownNode(table, nodeId);
  if (!state.draining.has(nodeId)) return [];
  const aborts = abortsWhere(
    table,
    ({ replaces }) => replaces === nodeId,
    () => 'source is no longer draining',
  );
  return [...aborts, { type: 'NodeUndrained', nodeId, requestId }];
}

function forgetNode(
  table: ClusterTable,
  requestId: string,
  nodeId: string,
  coordinators: ReadonlySet<string>,
): Outcome {
  const node = nodeOf(table, nodeId);
  if (node === undefined) {
    return coordinators.has(nodeId) ? [{ type: 'NodeForgotten', nodeId, requestId }] : unknownNode(table, nodeId);
  }
  // Of two coordinators one must be able to go while both are there: alone it would have no majority for it.
  if (isReachable(node.status) && node.role !== 'coordinator') {
    return refusedAs('conflict', `"${nodeId}" is ${node.status}: stop its process first`);
  }
  const led = primariesOf(table, nodeId);
  if (led > 0) {
    const advice = `start it again and CLUSTER DRAIN ${nodeId}`;
    return refusedAs('conflict', `"${nodeId}" owns ${led} partitions, which nobody else has: ${advice}`);
  }
  const index = table.nodes.indexOf(node);
  const owned = table.partitions.flatMap(({ owners }, partition) => (owners.includes(index) ? [partition] : []));
  const busy = owned.find((partition) => table.partitions[partition].outgoing.length > 0);
  if (busy !== undefined) return refusedAs('conflict', `partition ${busy} is changing its owners: ask again later`);
  const removed = owned.flatMap((partition): ClusterEvent[] => [
    ...abortOf(table, partition, 'an owner is forgotten'),
    { type: 'OwnerRemoved', partition, nodeId },
  ]);
  return [...removed, { type: 'NodeForgotten', nodeId, requestId }];
}

/** Where there are other owners one of them takes over, and no data moves. */
function movePrimary(table: ClusterTable, requestId: string, partition: number, targetId: string): Outcome {
  const count = table.partitions.length;
  if (partition >= count) return refusedAs('invalid', `there is no partition ${partition}; allowed: 0 to ${count - 1}`);
  const { owners, primary } = table.partitions[partition];
  const successor = targetId === '' ? nextPrimary(table, partition) : targetId;
  if (owners.length > 1 && owners.some((owner) => table.nodes[owner].nodeId === successor)) {
    const obstacle = whyBusy(table, partition);
    if (obstacle !== undefined) return refusedAs('conflict', obstacle);
    const change = transfer(table, partition, successor ?? '', 'transfer', requestId);
    return change.ok ? change.events : refusedAs('conflict', change.reason);
  }
  const owner = owners.length === 0 ? undefined : table.nodes[primary];
  const target = targetId === '' ? leastLoaded(table, owner) : nodeOf(table, targetId);
  if (target === undefined) {
    return targetId === ''
      ? refusedAs('conflict', 'no other storage node is up that could take over: start one first')
      : unknownNode(table, targetId);
  }
  if (target === owner) return [];
  if (!canTakeOver(target)) {
    const what = target.role === 'storage-node' ? target.status : `a ${target.role}`;
    return refusedAs('conflict', `"${targetId}" is ${what}; partitions go to storage nodes that are up`);
  }
  const decision = startMove(table, { partition, target: target.nodeId, requestId });
  return decision.ok ? decision.events : refusedAs('conflict', decision.reason);
}

/** The node that has the fewest partitions for its weight. */
function leastLoaded(table: ClusterTable, owner: TableNode | undefined): TableNode | undefined {
  const loadOf = (node: TableNode): number => sharesOf(table, node.nodeId) / node.weight;
  return table.nodes
    .filter((node) => node !== owner && canTakeOver(node))
    .toSorted((a, b) => loadOf(a) - loadOf(b) || (a.nodeId < b.nodeId ? -1 : 1))
    .at(0);
}

/** Moves off draining nodes go on: UNDRAIN ends those. */
function cancelMoves(state: ClusterState, table: ClusterTable, requestId: string, nodeId: string): Outcome {
  if (nodeId !== '' && nodeOf(table, nodeId) === undefined) return unknownNode(table, nodeId);
  const aborts = abortsWhere(
    table,
    ({ source, target, replaces }) =>
      !state.draining.has(replaces) && (nodeId === '' || [source, target, replaces].includes(nodeId)),
    () => 'cancelled',
  );
  return [...aborts, { type: 'RebalanceStopped', requestId }];
}

/** Nodes that a message lists. */
const MAX_LISTED_NODES = 10;

function unknownNode(table: ClusterTable, nodeId: string): Refusal {
  const ids = table.nodes.slice(0, MAX_LISTED_NODES).map((node) => node.nodeId);
  const more = table.nodes.length > ids.length ? ', ...' : '';
  const name = JSON.stringify(nodeId.slice(0, 64));
  return refusedAs('unknown-node', `there is no node ${name}; nodes: ${ids.join(', ')}${more}`);
}
