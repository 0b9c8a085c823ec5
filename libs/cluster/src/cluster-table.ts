import type { Endpoints, MemberRole, NodeStatus } from './member.js';
import type { StoreDefinition } from './store-definition.js';

/**
 * All that gateways and storage nodes need to work without a coordinator: members, partitions and stores. Immutable;
 * of two tables of one cluster the one with the higher version counts. Indexes of nodes are valid within one table
 * only: follow a node from table to table by its id.
 */
export interface ClusterTable {
  /** What every member of the cluster may use. */
  readonly featureLevel: number;
  readonly clusterId: string;
  readonly clusterName: string;
  /** Unsigned 32 bits: seeds the hash of keys within partitions, so that SCAN cursors survive moves. */
  readonly hashSeed: number;
  readonly tableVersion: number;
  /** As many as the cluster was formed with: a power of two from 1 to 16384. */
  readonly partitions: readonly TablePartition[];
  readonly nodes: readonly TableNode[];
  readonly stores: readonly TableStore[];
  /** Ordered by path. */
  readonly settings: readonly TableSetting[];
}

export interface TableNode {
  readonly nodeId: string;
  readonly role: MemberRole;
  /** The process that counts as this node; a process that sees itself replaced here stops. */
  readonly incarnation: number;
  readonly softwareVersion: string;
  readonly endpoints: Endpoints;
  readonly zone: string;
  readonly weight: number;
  readonly status: NodeStatus;
  /** Of coordinators alone: their id in the Raft group. */
  readonly raftId?: number;
  /** True of processes that work with several owners of a partition. */
  readonly replicates?: true;
}

export interface TablePartition {
  /** Unsigned 32 bits; grows whenever owners or primary change, or the primary has lost the partition's data. */
  readonly epoch: number;
  /** Indexes into the nodes. A store of replication factor r uses the first r, so an owner keeps its place. */
  readonly owners: readonly number[];
  /** The owner that decides, or is to; {@link NO_NODE} where there are no owners, and only there. */
  readonly primary: number;
  /**
   * The owners before they changed last, until the primary has reported that an epoch of the present ones is served:
   * until then owners of both sets must agree (libs/ownership), and the owners do not change again.
   */
  readonly outgoing: readonly number[];
  /** Index of the node that is to become an owner once it has a copy, or {@link NO_NODE}. */
  readonly movingTo: number;
  /** The owner whose place it takes; {@link NO_NODE} where it gets a place of its own, the last, or nothing moves. */
  readonly movingFrom: number;
  /**
   * The move under way: the table version that began it; 0 for none. It tells a report of an earlier, aborted move of
   * the same partition at the same epoch from one of this move.
   */
  readonly moveId: number;
}

/** A store as the cluster knows it. The id is the store's generation too: a later store of the same name has another. */
export interface TableStore extends StoreDefinition {
  readonly id: number;
}

/** A setting that was changed at run time, in place of what nodes were configured with. */
export interface TableSetting {
  /** As in the configuration file, such as `logging.level`. */
  readonly path: string;
  readonly value: string;
}

export const NO_NODE = -1;

/** A partition to which nothing happens; its first owner is the primary. */
export function settledPartition(epoch: number, owners: readonly number[]): TablePartition {
  return { epoch, owners, primary: owners[0] ?? NO_NODE, outgoing: [], ...NO_MOVE };
}

/** The fields of a partition that does not move. */
export const NO_MOVE = { movingTo: NO_NODE, movingFrom: NO_NODE, moveId: 0 } as const;

/** Whether a member of this status has been heard lately. */
export function isLive(status: NodeStatus): boolean {
  return status === 'up' || status === 'draining' || status === 'joining';
}

/**
 * Whether a majority of a partition's owners is there. Without one nobody can begin an epoch (libs/ownership): a change that
 * makes one would stop a partition that is served.
 */
export function canAgree({ nodes }: Pick<ClusterTable, 'nodes'>, owners: readonly number[]): boolean {
  return 2 * owners.filter((owner) => isLive(nodes[owner].status)).length > owners.length;
}

/** Whether operations are sent to a node of this status. */
export function isReachable(status: NodeStatus): boolean {
  return isLive(status) || status === 'suspect';
}
