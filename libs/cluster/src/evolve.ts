/**
 * Applies events to the cluster's state. It decides nothing and refuses nothing: an event that does not fit the state
 * is a defect, so it is asserted. Each event makes one new table version.
 */
import { assert, assertNever } from '#libs/kernel';
import type { ClusterEvent, ClusterFormed, Move } from './cluster-event.js';
import type { ClusterState } from './cluster-state.js';
import {
  isLive,
  NO_NODE,
  type ClusterTable,
  type TableNode,
  type TablePartition,
  type TableSetting,
} from './cluster-table.js';
import { CLUSTER_LIMITS } from './limits.js';
import type { NodeStatus } from './member.js';
import { FEATURE_LEVEL } from './versions.js';

export function evolve(state: ClusterState, event: ClusterEvent): ClusterState {
  const table =
    event.type === 'ClusterFormed'
      ? formed(state, event)
      : { ...changed(tableOf(state), state.draining, event), ...nextVersion(state) };
  return {
    eventIndex: state.eventIndex + 1,
    table,
    draining: draining(state.draining, event),
    rebalanceStopped: rebalanceStopped(state, event),
    superseded: superseded(state, event),
    lastStoreId: lastStoreId(state, event),
    requests: requests(state, event, table.tableVersion),
  };
}

function lastStoreId(state: ClusterState, event: ClusterEvent): number {
  if (event.type === 'StoreDefined') return event.store.id;
  return event.type === 'ClusterFormed' ? Math.max(0, ...event.stores.map(({ id }) => id)) : state.lastStoreId;
}

/** Several events of one request leave the version of the last. */
function requests(state: ClusterState, event: ClusterEvent, tableVersion: number): ClusterState['requests'] {
  if (!('requestId' in event) || event.requestId === '') return state.requests;
  const next = new Map(state.requests);
  next.delete(event.requestId);
  next.set(event.requestId, tableVersion);
  const [oldest] = next.keys();
  if (next.size > CLUSTER_LIMITS.maxRememberedRequests) next.delete(oldest);
  return next;
}

/** A process that takes a node's place wants its share, whatever became of the earlier one. */
function draining(before: ClusterState['draining'], event: ClusterEvent): ClusterState['draining'] {
  switch (event.type) {
    case 'NodeDraining':
    case 'NodeDrained':
      return new Map([...before, [event.nodeId, event.type === 'NodeDrained']]);
    case 'NodeUndrained':
    case 'NodeForgotten':
      return without(before, event.nodeId);
    case 'NodeRestarted':
      return without(before, event.node.nodeId);
    default:
      return before;
  }
}

function without(before: ClusterState['draining'], nodeId: string): ClusterState['draining'] {
  if (!before.has(nodeId)) return before;
  const next = new Map(before);
  next.delete(nodeId);
  return next;
}

function rebalanceStopped(state: ClusterState, { type }: ClusterEvent): boolean {
  if (type === 'RebalanceStopped') return true;
  return type === 'RebalanceRequested' ? false : state.rebalanceStopped;
}

function tableOf(state: ClusterState): ClusterTable {
  assert(state.table !== undefined, 'a cluster is formed before anything happens to it');
  return state.table;
}

function nextVersion(state: ClusterState): { tableVersion: number } {
  return { tableVersion: tableOf(state).tableVersion + 1 };
}

function formed(state: ClusterState, event: ClusterFormed): ClusterTable {
  assert(state.table === undefined, 'a cluster is formed once');
  return {
    featureLevel: FEATURE_LEVEL,
    clusterId: event.clusterId,
    clusterName: event.clusterName,
    hashSeed: event.hashSeed,
    tableVersion: 1,
    nodes: event.nodes,
    partitions: event.owners.map((owners) => ({ epoch: 1, owners, movingTo: NO_NODE, moveId: 0 })),
    stores: event.stores,
    settings: [],
  };
}

function changed(
  table: ClusterTable,
  isDraining: ClusterState['draining'],
  event: Exclude<ClusterEvent, ClusterFormed>,
): ClusterTable {
  switch (event.type) {
    case 'NodeJoined':
      return asLive({ ...table, nodes: [...table.nodes, event.node] }, event.node.nodeId);
    case 'NodeRestarted':
      return asLive(restarted(table, event.node), event.node.nodeId);
    case 'NodeChanged':
      return withNode(table, event.nodeId, { weight: event.weight });
    case 'NodeSuspected':
      return withNode(table, event.nodeId, { status: 'suspect' });
    case 'NodeDown':
      return withNode(table, event.nodeId, { status: 'down' });
    case 'NodeUp':
      return isDraining.has(event.nodeId)
        ? withNode(table, event.nodeId, { status: 'draining' })
        : asLive(table, event.nodeId);
    case 'NodeDraining':
      return withLiveStatus(table, event.nodeId, 'draining');
    case 'NodeUndrained':
      return statusOf(table, event.nodeId) === 'draining' ? asLive(table, event.nodeId) : table;
    case 'NodeDrained':
    case 'RebalanceRequested':
    case 'RebalanceStopped':
      return table;
    case 'NodeLeft':
      return withNode(table, event.nodeId, { status: 'left' });
    case 'NodeForgotten':
      return isListed(table, event.nodeId) ? withoutNode(table, event.nodeId) : table;
    case 'MoveStarted':
      return withPartition(table, event.partition, (partition) => ({
        ...partition,
        movingTo: indexOf(table, event.target),
        moveId: table.tableVersion + 1,
      }));
    case 'PartitionMoved':
      return takenOver(
        withPartition(table, event.partition, (partition) => moved(table, partition, event)),
        event.target,
      );
    case 'MoveAborted':
      return withPartition(table, event.partition, (partition) => ({ ...partition, movingTo: NO_NODE, moveId: 0 }));
    case 'StoreDefined':
      return { ...table, stores: [...table.stores, event.store] };
    case 'StoreAltered':
      return { ...table, stores: table.stores.map((store) => (store.id === event.store.id ? event.store : store)) };
    case 'StoreDropped':
      return { ...table, stores: table.stores.filter((store) => store.id !== event.id) };
    case 'SettingChanged':
      return { ...table, settings: withSetting(table, event.path, event.value) };
    case 'SettingReset':
      return { ...table, settings: withSetting(table, event.path, undefined) };
    default:
      return assertNever(event);
  }
}

function withSetting(table: ClusterTable, path: string, value: string | undefined): readonly TableSetting[] {
  const others = table.settings.filter((setting) => setting.path !== path);
  if (value === undefined) return others;
  return [...others, { path, value }].toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** The new process begins empty, so whatever was meant for the earlier one must not reach it: new epochs. */
function restarted(table: ClusterTable, node: TableNode): ClusterTable {
  const index = indexOf(table, node.nodeId);
  return {
    ...table,
    nodes: table.nodes.with(index, node),
    partitions: table.partitions.map((partition) =>
      partition.owners.includes(index) ? { ...partition, epoch: partition.epoch + 1 } : partition,
    ),
  };
}

function moved(table: ClusterTable, partition: TablePartition, move: Move): TablePartition {
  const source = indexOf(table, move.source);
  const target = indexOf(table, move.target);
  assert(partition.movingTo === target, 'a partition moves to where its move was started to');
  return {
    epoch: partition.epoch + 1,
    owners: partition.owners.map((owner) => (owner === source ? target : owner)),
    movingTo: NO_NODE,
    moveId: 0,
  };
}

function withNode(
  table: ClusterTable,
  nodeId: string,
  change: Partial<Pick<TableNode, 'status' | 'weight'>>,
): ClusterTable {
  const index = indexOf(table, nodeId);
  return { ...table, nodes: table.nodes.with(index, { ...table.nodes[index], ...change }) };
}

function statusOf(table: ClusterTable, nodeId: string): NodeStatus {
  return table.nodes[indexOf(table, nodeId)].status;
}

/** A status that only says what is done with a node that is there: one that is silent stays so. */
function withLiveStatus(table: ClusterTable, nodeId: string, status: NodeStatus): ClusterTable {
  return isLive(statusOf(table, nodeId)) ? withNode(table, nodeId, { status }) : table;
}

/** `up`, or `joining` where it is a storage node that owns nothing. */
function asLive(table: ClusterTable, nodeId: string): ClusterTable {
  const index = indexOf(table, nodeId);
  const isEmpty =
    table.nodes[index].role === 'storage-node' && !table.partitions.some(({ owners }) => owners.includes(index));
  return withNode(table, nodeId, { status: isEmpty ? 'joining' : 'up' });
}

/** A node that joined has its first partition. */
function takenOver(table: ClusterTable, nodeId: string): ClusterTable {
  return statusOf(table, nodeId) === 'joining' ? withNode(table, nodeId, { status: 'up' }) : table;
}

function withPartition(
  table: ClusterTable,
  number: number,
  change: (partition: TablePartition) => TablePartition,
): ClusterTable {
  return { ...table, partitions: table.partitions.with(number, change(table.partitions[number])) };
}

function withoutNode(table: ClusterTable, nodeId: string): ClusterTable {
  const gone = indexOf(table, nodeId);
  const shifted = (index: number): number => {
    assert(index !== gone, 'a forgotten node owns nothing');
    return index > gone ? index - 1 : index;
  };
  return {
    ...table,
    nodes: table.nodes.toSpliced(gone, 1),
    partitions: table.partitions.map((partition) => ({
      ...partition,
      owners: partition.owners.map(shifted),
      movingTo: shifted(partition.movingTo),
    })),
  };
}

function superseded(state: ClusterState, event: ClusterEvent): ClusterState['superseded'] {
  if (event.type !== 'NodeRestarted' && event.type !== 'NodeForgotten') return state.superseded;
  const next = new Map(state.superseded);
  if (event.type === 'NodeForgotten') {
    next.delete(event.nodeId);
    return next;
  }
  const { nodeId } = event.node;
  const table = tableOf(state);
  const replaced = table.nodes[indexOf(table, nodeId)].incarnation;
  const earlier = next.get(nodeId) ?? [];
  next.set(nodeId, [...earlier, replaced].slice(-CLUSTER_LIMITS.maxSuperseded));
  return next;
}

function isListed(table: ClusterTable, nodeId: string): boolean {
  return table.nodes.some((node) => node.nodeId === nodeId);
}

function indexOf(table: ClusterTable, nodeId: string): number {
  const index = table.nodes.findIndex((node) => node.nodeId === nodeId);
  assert(index !== NO_NODE, `node ${nodeId} is in the table`);
  return index;
}
