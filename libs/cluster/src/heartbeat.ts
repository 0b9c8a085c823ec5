import type { Endpoints, MemberRole, ReportedState } from './member.js';

/** What every member publishes each heartbeat interval; the first one announces it. */
export interface Heartbeat {
  /** The highest feature level that the member's release can work at. */
  readonly featureLevel: number;
  /** Name of the cluster, as in the subject. */
  readonly cluster: string;
  readonly nodeId: string;
  readonly role: MemberRole;
  /** Drawn at random by each process at its start; from 1 to 2^53 - 1. */
  readonly incarnation: number;
  readonly softwareVersion: string;
  readonly endpoints: Endpoints;
  readonly zone: string;
  /** Relative share of the partitions, from 1; used of storage nodes alone. */
  readonly weight: number;
  /** The highest table that the member has applied; 0 for none. */
  readonly tableVersion: number;
  /** The cluster that the member belongs to; empty where it knows none. */
  readonly clusterId: string;
  readonly state: ReportedState;
  readonly stats: MemberStats;
  /** Copies that the member makes as their source. */
  readonly moves: readonly MoveProgress[];
  /** Names of what the member's release can do beyond its feature level, each a short token. */
  readonly capabilities: readonly string[];
  /** Of coordinators alone. */
  readonly raft?: RaftReport;
  /** Of storage nodes that replicate. */
  readonly replication?: ReplicationStanding;
}

/**
 * How the partitions stand that a storage node is primary of, or is to be, under the table that its heartbeat names. Only
 * those are listed with which something is amiss, so that a heartbeat is small where all is well, and whoever has heard one
 * knows all of them: a coordinator that begins to lead need not ask.
 */
export interface ReplicationStanding {
  /** Partitions that the node does not serve yet, or with owners that lack what the primary has. */
  readonly laggingCount: number;
  /** Those of them for which the heartbeat has room; what is not listed of fewer than all is unknown. */
  readonly lagging: readonly LaggingPartition[];
}

export interface LaggingPartition {
  readonly partition: number;
  readonly epoch: number;
  /** Bit r: the owner at place r of the partition's list lags. The primary's own: it does not serve yet. */
  readonly owners: number;
}

/** How a coordinator stands among the others. */
export interface RaftReport {
  /** Its id in the Raft group, from 1 to 2^32 - 1: drawn at random once for each disk. */
  readonly raftId: number;
  readonly term: number;
  readonly isLeader: boolean;
  /** Node ids of the coordinators, as this one is configured. */
  readonly coordinators: readonly string[];
}

/** Counters are totals since the process started. */
export interface MemberStats {
  readonly keys: number;
  readonly expiringKeys: number;
  readonly usedBytes: number;
  readonly limitBytes: number;
  /** Keys of database 0, 1, and so on, of the store `default`. */
  readonly databaseKeys: readonly number[];
  readonly hits: number;
  readonly misses: number;
  readonly operations: number;
  readonly evicted: number;
  readonly expired: number;
  readonly connections: number;
  /** CPU time of the process, in whole milliseconds. */
  readonly cpuMs: number;
  readonly rssBytes: number;
  readonly stores: readonly StoreStats[];
}

/** What a storage node holds of a store. */
export interface StoreStats {
  readonly storeId: number;
  readonly keys: number;
  readonly expiringKeys: number;
  readonly usedBytes: number;
  readonly limitBytes: number;
}

export interface MoveProgress {
  readonly partition: number;
  readonly bytesCopied: number;
}

/** For members that hold no data, and as a start for the others. */
export const NO_STATS: MemberStats = {
  keys: 0,
  expiringKeys: 0,
  usedBytes: 0,
  limitBytes: 0,
  databaseKeys: [],
  hits: 0,
  misses: 0,
  operations: 0,
  evicted: 0,
  expired: 0,
  connections: 0,
  cpuMs: 0,
  rssBytes: 0,
  stores: [],
};
