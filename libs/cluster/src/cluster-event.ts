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
  /** A member that was gone and owned nothing (any more) has been struck off the table, or a coordinator that never was in it. */
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
  /** The target gets a copy from the source, which is the primary, to take the place of an owner (empty: to get one). */
  | ({ readonly type: 'MoveStarted'; readonly replaces: string } & Move & Requested)
  /** The target is an owner now; where it has taken the primary's place it is the primary too. */
  | ({ readonly type: 'PartitionMoved' } & Move)
  | ({ readonly type: 'MoveAborted'; readonly reason: string } & Move)
  /** One owner fewer: the node's copy is not needed any more, or is given up. */
  | { readonly type: 'OwnerRemoved'; readonly partition: number; readonly nodeId: string }
  /** Another owner is to decide, or the same one under a new epoch. */
  | ({ readonly type: 'PrimaryChanged'; readonly partition: number; readonly primary: string } & {
      readonly reason: PrimaryChangeReason;
    } & Requested)
  /** Under this epoch the primary serves, with its present owners: those before them have no say any more. */
  | { readonly type: 'EpochServed'; readonly partition: number; readonly epoch: number }
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
  /** By partition: indexes into `nodes`. The first owner is the primary. */
  readonly owners: readonly (readonly number[])[];
  readonly stores: readonly TableStore[];
}

/**
 * Why another owner is primary: the one before was gone or could not begin, somebody asked for it, or primaries go back
 * to where the placement has them.
 */
export const PRIMARY_CHANGE_REASONS = ['failover', 'transfer', 'handback'] as const;
export type PrimaryChangeReason = (typeof PRIMARY_CHANGE_REASONS)[number];

export interface Move {
  readonly partition: number;
  /** Node ids. */
  readonly source: string;
  readonly target: string;
}
