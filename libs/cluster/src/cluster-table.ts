import type { Endpoints, MemberRole, NodeStatus } from './member.js';

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
}

export interface TablePartition {
  /** Unsigned 32 bits; grows whenever the owners change or have lost the partition's data. */
  readonly epoch: number;
  /** Indexes into the nodes, the primary first. */
  readonly owners: readonly number[];
  /** Index of the node that the partition is moving to, or {@link NO_NODE}. */
  readonly movingTo: number;
  /**
   * The move under way: the table version that began it; 0 for none. It tells a report of an earlier, aborted move of
   * the same partition at the same epoch from one of this move.
   */
  readonly moveId: number;
}

export interface TableStore {
  readonly id: number;
  readonly name: string;
  /** Name of the store's kind: `general`, `session`, `ttl-only`. */
  readonly type: string;
  /** Per storage node; more than 0. */
  readonly memoryLimitBytes: number;
  /** 0 for none. */
  readonly defaultTtlMs: number;
}

export const NO_NODE = -1;

/** Whether operations are sent to a node of this status. */
export function isReachable(status: NodeStatus): boolean {
  return status === 'up' || status === 'suspect';
}
