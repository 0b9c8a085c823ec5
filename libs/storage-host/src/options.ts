import type { SyncPolicy } from '#libs/event-log';
import { PRESSURE_LEVELS, type PressureLevels } from './pressure-levels.js';

/** Settings of a storage node; the configuration fills them in, tests and the simulator give their own. */
export interface StorageOptions {
  /** Cluster name: a subject token. */
  readonly cluster: string;
  readonly nodeId: string;
  readonly softwareVersion: string;
  readonly advertise: { readonly host: string; readonly adminPort: number };
  readonly zone: string;
  readonly weight: number;
  readonly heartbeatMs: number;
  /** How long to wait for an answer when asking for the cluster table, and between two tries. */
  readonly tableRequestMs: number;
  /** Memory of all stores of this node together. */
  readonly nodeMemoryBytes: number;
  /** From which share of its memory on something is done about a store. */
  readonly pressureLevels: PressureLevels;
  readonly maxValueBytes: number;
  readonly maxKeyBytes: number;
  readonly maxArguments: number;
  /** Active expiry: how often, and at most how many entries each time. */
  readonly expirySweepMs: number;
  readonly expirySweepEntries: number;
  /** Log pages cleaned at most each time, so that removals give their memory back although nothing is stored. */
  readonly reclaimPages: number;
  /** Operations of a frame whose entries are loaded together before the first of them is executed; 0 = none. */
  readonly lookAheadOperations: number;
  /** That is done once a store uses so many bytes; smaller ones lie in the processor's caches for the most part. */
  readonly lookAheadStoreBytes: number;
  /** Keys that filters being built visit at most each time, over all stores. */
  readonly filterSweepKeys: number;
  /** How long an operation may wait here for a newer cluster table before it is sent back. */
  readonly parkMs: number;
  /** Partition copies: bytes per message, and how long one may stay unacknowledged. */
  readonly moveChunkBytes: number;
  readonly moveAckMs: number;
  /** Partition copies from this node, all together; 0 for no limit. */
  readonly moveBytesPerSecond: number;
  /** The longest that a node which stops waits until others have its partitions; 0 for not at all. */
  readonly drainTimeoutMs: number;
  /** Entries outlive the process, in a log on the node's disk; undefined: nothing is kept. */
  readonly persistence?: PersistenceOptions;
}

export interface PersistenceOptions {
  /** When the log is forced to the disk, as Redis's `appendfsync`; may be changed while the node runs. */
  readonly sync: SyncPolicy;
  readonly segmentBytes: number;
  /** Log behind the last checkpoint that makes the next one due, at least. */
  readonly checkpointBytes: number;
}

export const STORAGE_DEFAULTS = {
  heartbeatMs: 500,
  tableRequestMs: 500,
  nodeMemoryBytes: 1024 * 1024 * 1024,
  pressureLevels: PRESSURE_LEVELS,
  maxValueBytes: 64 * 1024 * 1024,
  maxKeyBytes: 64 * 1024,
  maxArguments: 1024 * 1024,
  expirySweepMs: 50,
  expirySweepEntries: 1_000,
  reclaimPages: 4,
  lookAheadOperations: 32,
  lookAheadStoreBytes: 16 * 1024 * 1024,
  filterSweepKeys: 2_048,
  parkMs: 250,
  moveChunkBytes: 256 * 1024,
  moveAckMs: 2_000,
  moveBytesPerSecond: 0,
  drainTimeoutMs: 30_000,
} as const satisfies Partial<StorageOptions>;
