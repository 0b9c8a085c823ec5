/** Cluster events as everybody hears them: a name and a few short fields, enough to log, count and react to. */
import { assertNever } from '#libs/kernel';
import type { ClusterEvent, ClusterEventName } from './cluster-event.js';

/** The fields of each event's notice. */
export const EVENT_FIELDS = {
  ClusterFormed: ['clusterId', 'nodes', 'partitions'],
  NodeJoined: ['nodeId', 'role', 'incarnation', 'host'],
  NodeRestarted: ['nodeId', 'role', 'incarnation', 'host'],
  NodeSuspected: ['nodeId'],
  NodeDown: ['nodeId'],
  NodeUp: ['nodeId'],
  NodeLeft: ['nodeId'],
  NodeForgotten: ['nodeId'],
  NodeChanged: ['nodeId', 'weight'],
  NodeDraining: ['nodeId'],
  NodeDrained: ['nodeId'],
  NodeUndrained: ['nodeId'],
  RebalanceRequested: [],
  RebalanceStopped: [],
  MoveStarted: ['partition', 'source', 'target'],
  PartitionMoved: ['partition', 'source', 'target'],
  MoveAborted: ['partition', 'source', 'target', 'reason'],
  OwnerRemoved: ['partition', 'nodeId'],
  PrimaryChanged: ['partition', 'primary', 'reason'],
  EpochServed: ['partition', 'epoch'],
  StoreDefined: ['id', 'name', 'storeType'],
  StoreAltered: ['id', 'name', 'storeType'],
  StoreDropped: ['id', 'name'],
  SettingChanged: ['path', 'value'],
  SettingReset: ['path'],
} as const satisfies Record<ClusterEventName, readonly string[]>;

export type EventFields<Name extends ClusterEventName> = Readonly<Record<(typeof EVENT_FIELDS)[Name][number], string>>;

export interface EventNotice<Name extends ClusterEventName = ClusterEventName> {
  /** Grows by one with each event of a cluster. */
  readonly index: number;
  /** Wall-clock milliseconds since the Unix epoch. */
  readonly atMs: number;
  readonly name: Name;
  readonly fields: EventFields<Name>;
}

/** A notice of any event: `name` tells the fields apart. */
export type AnyEventNotice = { [Name in ClusterEventName]: EventNotice<Name> }[ClusterEventName];

export function isClusterEventName(name: string): name is ClusterEventName {
  return Object.hasOwn(EVENT_FIELDS, name);
}

export function noticeOf(event: ClusterEvent, index: number, atMs: number): AnyEventNotice {
  return { index, atMs, name: event.type, fields: fieldsOf(event) } as AnyEventNotice;
}

function fieldsOf(event: ClusterEvent): Readonly<Record<string, string>> {
  switch (event.type) {
    case 'ClusterFormed':
      return {
        clusterId: event.clusterId,
        nodes: String(event.nodes.length),
        partitions: String(event.owners.length),
      };
    case 'NodeJoined':
    case 'NodeRestarted': {
      const { nodeId, role, incarnation, endpoints } = event.node;
      return { nodeId, role, incarnation: String(incarnation), host: endpoints.host };
    }
    case 'NodeSuspected':
    case 'NodeDown':
    case 'NodeUp':
    case 'NodeLeft':
    case 'NodeForgotten':
    case 'NodeDraining':
    case 'NodeDrained':
    case 'NodeUndrained':
      return { nodeId: event.nodeId };
    case 'NodeChanged':
      return { nodeId: event.nodeId, weight: String(event.weight) };
    case 'RebalanceRequested':
    case 'RebalanceStopped':
      return {};
    case 'MoveStarted':
    case 'PartitionMoved':
      return { partition: String(event.partition), source: event.source, target: event.target };
    case 'MoveAborted': {
      const { partition, source, target, reason } = event;
      return { partition: String(partition), source, target, reason };
    }
    case 'OwnerRemoved':
      return { partition: String(event.partition), nodeId: event.nodeId };
    case 'PrimaryChanged':
      return { partition: String(event.partition), primary: event.primary, reason: event.reason };
    case 'EpochServed':
      return { partition: String(event.partition), epoch: String(event.epoch) };
    case 'StoreDefined':
    case 'StoreAltered':
      return { id: String(event.store.id), name: event.store.name, storeType: event.store.type };
    case 'StoreDropped':
      return { id: String(event.id), name: event.name };
    case 'SettingChanged':
      return { path: event.path, value: event.value };
    case 'SettingReset':
      return { path: event.path };
    default:
      return assertNever(event);
  }
}
