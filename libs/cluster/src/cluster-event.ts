import type { TableNode, TableStore } from './cluster-table.js';

/** What happened to a cluster, in the past tense. Applying an event needs nothing but the state before it. */
export type ClusterEvent =
  | ClusterFormed
  | { readonly type: 'NodeJoined'; readonly node: TableNode }
  /** Another process has taken the node's place, and what the earlier one held in memory is lost. */
  | { readonly type: 'NodeRestarted'; readonly node: TableNode }
  | { readonly type: 'NodeSuspected'; readonly nodeId: string }
  | { readonly type: 'NodeDown'; readonly nodeId: string }
  | { readonly type: 'NodeUp'; readonly nodeId: string }
  | { readonly type: 'NodeLeft'; readonly nodeId: string }
  /** A member that was gone and owned nothing has been struck off the table, or a coordinator that never was in it. */
  | ({ readonly type: 'NodeForgotten'; readonly nodeId: string } & Requested)
  /** The process has another share of the partitions than it announced at first. */
  | { readonly type: 'NodeChanged'; readonly nodeId: string; readonly weight: number }
  /** The node is to own nothing: its partitions go to others from now on. */
  | ({ readonly type: 'NodeDraining'; readonly nodeId: string } & Requested)
  /** A draining node owns nothing any more. */
  | { readonly type: 'NodeDrained'; readonly nodeId: string }
  | ({ readonly type: 'NodeUndrained'; readonly nodeId: string } & Requested)
  | ({ readonly type: 'RebalanceRequested' } & Requested)
  /** Until it is requested again, only draining nodes' partitions are moved. */
  | ({ readonly type: 'RebalanceStopped' } & Requested)
  | ({ readonly type: 'MoveStarted' } & Move & Requested)
  | ({ readonly type: 'PartitionMoved' } & Move)
  | ({ readonly type: 'MoveAborted'; readonly reason: string } & Move)
  | ({ readonly type: 'StoreDefined' | 'StoreAltered'; readonly store: TableStore } & Requested)
  /** The store's entries are gone with it. */
  | ({ readonly type: 'StoreDropped'; readonly id: number; readonly name: string } & Requested)
  | ({ readonly type: 'SettingChanged'; readonly path: string; readonly value: string } & Requested)
  /** Nodes go back to what they were configured with. */
  | ({ readonly type: 'SettingReset'; readonly path: string } & Requested);

export type ClusterEventName = ClusterEvent['type'];

/** Of changes that somebody asked for; empty where the coordinator made them by itself. */
export interface Requested {
  readonly requestId: string;
}

export interface ClusterFormed {
  readonly type: 'ClusterFormed';
  readonly clusterId: string;
  readonly clusterName: string;
  readonly hashSeed: number;
  readonly nodes: readonly TableNode[];
  /** By partition: indexes into `nodes`, the primary first. */
  readonly owners: readonly (readonly number[])[];
  readonly stores: readonly TableStore[];
}

export interface Move {
  readonly partition: number;
  /** Node ids. */
  readonly source: string;
  readonly target: string;
}
