/**
 * Applies events to the cluster's state. It decides nothing and refuses nothing: an event that does not fit the state
 * is a defect, so it is asserted. Each event makes one new table version.
 */
import { assert, assertNever } from '#libs/kernel';
import type { ClusterEvent, ClusterFormed } from './cluster-event.js';
import type { ClusterState } from './cluster-state.js';
import {
  isLive,
  NO_NODE,
  settledPartition,
  type ClusterTable,
  type TableNode,
  type TableSetting,
} from './cluster-table.js';
import {
  ledBy,
  movedTo,
  movesTo,
  served,
  withoutMove,
  withoutNode,
  withoutOwner,
  withPartition,
  withProcess,
} from './evolve-partitions.js';
import { CLUSTER_LIMITS } from './limits.js';
import type { NodeStatus } from './member.js';
import { FEATURE_LEVEL } from './versions.js';

export function evolve(state: ClusterState, event: ClusterEvent): ClusterState {
  const table =
    event.type === 'ClusterFormed'
      ? formed(state, event)
      : { ...changed(tableOf(state), state.draining, event), tableVersion: nextVersion(tableOf(state)) };
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
  return state.requests.with(event.requestId, tableVersion);
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

function nextVersion({ tableVersion }: ClusterTable): number {
  return tableVersion + 1;
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
    partitions: event.owners.map((owners) => settledPartition(1, owners)),
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
      return asLive(withProcess(table, indexOf(table, event.node.nodeId), event.node), event.node.nodeId);
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
      return isListed(table, event.nodeId) ? withoutNode(table, indexOf(table, event.nodeId)) : table;
    case 'MoveStarted': {
      const replaces = event.replaces === '' ? NO_NODE : indexOf(table, event.replaces);
      return withPartition(table, event.partition, movesTo(indexOf(table, event.target), replaces, nextVersion(table)));
    }
    case 'PartitionMoved':
      return takenOver(withPartition(table, event.partition, movedTo(indexOf(table, event.target))), event.target);
    case 'MoveAborted':
      return withPartition(table, event.partition, withoutMove);
    case 'OwnerRemoved':
      return withPartition(table, event.partition, withoutOwner(indexOf(table, event.nodeId)));
    case 'PrimaryChanged':
      return withPartition(table, event.partition, ledBy(indexOf(table, event.primary)));
    case 'EpochServed':
      return withPartition(table, event.partition, served);
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
