/**
 * How many owners partitions are to have, and why they have fewer. Every bound on replication factors that lies outside a
 * store's own definition is here: releases that keep one copy, the size of the table, and the number of storage nodes.
 */
import { isReachable, type ClusterTable, type TableNode, type TablePartition } from './cluster-table.js';
import { CLUSTER_LIMITS } from './limits.js';
import { CAPABILITIES, REPLICATION } from './versions.js';

/** Whether storage nodes of this release replicate: what the configuration may ask for. */
export const RELEASE_REPLICATES = CAPABILITIES['storage-node'].includes(REPLICATION);

/** Members that a message names. */
const MAX_NAMED = 3;

export interface ReplicationShortage {
  /** The largest factor of the stores. */
  readonly wanted: number;
  /** Owners that partitions are to have at present. */
  readonly possible: number;
  /** Why that is fewer, for people; undefined where it is not. */
  readonly shortage: string | undefined;
}

export interface ReplicationReport extends ReplicationShortage {
  /** Partitions with fewer owners that are there than wanted. */
  readonly underReplicated: number;
  /** Partitions whose owners have changed, and whose primary has not yet reported that it serves with them. */
  readonly changing: number;
}

/** What of a table decides how many owners its partitions are to have. */
export type ReplicationInput = Pick<ClusterTable, 'nodes' | 'stores'> & {
  readonly partitions: readonly Pick<TablePartition, 'owners'>[];
};

/** As many as there are storage nodes for, where those are fewer. */
export function wantedOwners(table: ReplicationInput): number {
  return Math.min(largestFactor(table), boundOf(table).copies);
}

/** The smallest factor: primaries are sought among so many first owners, which have a copy of every store. */
export function smallestFactor({ stores }: ClusterTable): number {
  return Math.min(CLUSTER_LIMITS.maxOwners, ...stores.map(({ replicas }) => replicas));
}

/** Why a store must not have so many copies in this cluster; undefined where it may. */
export function replicasObstacle(table: ClusterTable, replicas: number): string | undefined {
  const { copies, reason } = boundOf(table);
  return replicas <= copies
    ? undefined
    : `replicas ${replicas}: use ${copies === 1 ? '1' : `1 to ${copies}`}; ${reason}`;
}

export function replicationShortage(table: ClusterTable): ReplicationShortage {
  const wanted = largestFactor(table);
  const bound = boundOf(table);
  const holders = table.nodes.filter(
    ({ role, status }) => role === 'storage-node' && status !== 'left' && status !== 'draining',
  );
  const possible = Math.min(wanted, bound.copies, Math.max(1, holders.length));
  return {
    wanted,
    possible,
    shortage: possible === wanted ? undefined : shortageOf(possible, bound, holders.length),
  };
}

export function replicationReport(table: ClusterTable): ReplicationReport {
  const { nodes, partitions } = table;
  const shortage = replicationShortage(table);
  const isThere = (owner: number): boolean => isReachable(nodes[owner].status);
  return {
    ...shortage,
    underReplicated: partitions.filter(({ owners }) => owners.filter(isThere).length < shortage.wanted).length,
    changing: partitions.filter(({ outgoing }) => outgoing.length > 0).length,
  };
}

function shortageOf(possible: number, bound: Bound, holders: number): string {
  return possible === bound.copies ? bound.reason : `storage nodes that may hold copies: ${holders}`;
}

function largestFactor({ stores }: Pick<ClusterTable, 'stores'>): number {
  return Math.max(1, ...stores.map(({ replicas }) => replicas));
}

interface Bound {
  readonly copies: number;
  readonly reason: string;
}

/**
 * Every member must know of several owners: gateways to find the primary, coordinators to read the log, storage nodes to
 * replicate. One that does not is let into no cluster that replicates already, and in such a cluster nobody is counted as
 * one: nothing that is not known of a member takes copies away.
 */
function boundOf({ nodes, partitions }: ReplicationInput): Bound {
  const unable = nodes.filter(({ replicates }) => replicates !== true);
  if (unable.length > 0 && partitions.every(({ owners }) => owners.length < 2))
    return { copies: 1, reason: `${namesOf(unable)} cannot replicate yet` };
  const { maxCopies, maxOwners } = CLUSTER_LIMITS;
  const copies = Math.min(maxOwners, Math.floor(maxCopies / partitions.length));
  return { copies, reason: `a table of ${partitions.length} partitions has no room for more` };
}

function namesOf(nodes: readonly TableNode[]): string {
  const names = nodes.slice(0, MAX_NAMED).map(({ nodeId }) => `"${nodeId}"`);
  const others = nodes.length - names.length;
  return others === 0 ? names.join(', ') : `${names.join(', ')} and ${others} more`;
}
