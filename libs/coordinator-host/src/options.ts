import {
  CLUSTER_LIMITS,
  DEFAULT_STORE_NAME,
  isPartitionCount,
  storeFaults,
  storeFromPreset,
  type Endpoints,
  type StoreDefinition,
} from '#libs/cluster';
import {
  DEFAULT_DETECTOR_OPTIONS,
  membershipFaults,
  type DetectorOptions,
  type MembershipOptions,
} from '#libs/membership';
import type { RingOptions } from '#libs/ring';
import { isSubjectToken } from '#libs/wire';
import { DEFAULT_RAFT_OPTIONS, raftTiming, type RaftOptions } from './raft/raft-timing.js';

/** What a coordinator is told; all but the identity has a default in {@link DEFAULT_COORDINATOR_OPTIONS}. */
export interface CoordinatorOptions {
  readonly cluster: string;
  readonly nodeId: string;
  readonly endpoints: Endpoints;
  readonly softwareVersion: string;
  readonly zone: string;
  /** Node ids of all coordinators, the same list at each; the first one founds the group. None: this one alone. */
  readonly coordinators: readonly string[];
  readonly raft: RaftOptions;
  /** How long a blank coordinator listens for a cluster of its name before it founds one; 0: nobody else can be there. */
  readonly foundingListenMs: number;
  /** How often members are expected to be heard, and this one announces itself. */
  readonly heartbeatMs: number;
  /** Silence after which a member is suspected, and after which it is down. */
  readonly suspectAfterMs: number;
  readonly downAfterMs: number;
  /** How members that have failed are told from those that are late, within those times. */
  readonly failureDetector: DetectorOptions;
  /** Silence after which a member that owns nothing is struck off the table. */
  readonly forgetAfterMs: number;
  /** Silence after which the places of a storage node whose partitions have other owners go to nodes that are up. */
  readonly replaceAfterMs: number;
  /** Node ids that gateways and storage nodes must have; none: all that announce themselves are admitted. */
  readonly members: readonly string[];
  /** How often the table is published although it has not changed. */
  readonly tableBeaconMs: number;
  /** A new cluster is formed once this many storage nodes are ready; 0: after the delay alone. */
  readonly expectedStorageNodes: number;
  /** Wait since the first ready storage node after which a new cluster is formed with those that are there. */
  readonly formationDelayMs: number;
  /** Of a new cluster; a power of two from 1 to 16384. */
  readonly partitionCount: number;
  /** How partitions get their owners; the same at all coordinators, since whoever leads places them. */
  readonly ring: RingOptions;
  readonly rebalance: boolean;
  /** Wait after a change of the members, so that several changes become one rebalancing. */
  readonly rebalanceDelayMs: number;
  readonly maxConcurrentMoves: number;
  /** A move without progress for so long is aborted. */
  readonly moveTimeoutMs: number;
  /** Wait after an aborted move before others are begun. */
  readonly moveRetryMs: number;
  /** Of a new cluster; an existing one gets those that it lacks. */
  readonly stores: readonly StoreDefinition[];
}

export type CoordinatorIdentity = Pick<CoordinatorOptions, 'cluster' | 'nodeId'>;

export const DEFAULT_COORDINATOR_OPTIONS: Omit<CoordinatorOptions, keyof CoordinatorIdentity> = {
  endpoints: { host: '127.0.0.1', respPort: 0, httpPort: 0, adminPort: 0 },
  softwareVersion: '',
  zone: '',
  heartbeatMs: 500,
  suspectAfterMs: 1500,
  downAfterMs: 3000,
  failureDetector: DEFAULT_DETECTOR_OPTIONS,
  forgetAfterMs: 60_000,
  replaceAfterMs: 60_000,
  members: [],
  tableBeaconMs: 2000,
  expectedStorageNodes: 0,
  formationDelayMs: 1500,
  partitionCount: 256,
  ring: {},
  rebalance: true,
  rebalanceDelayMs: 1000,
  maxConcurrentMoves: 4,
  moveTimeoutMs: 15_000,
  moveRetryMs: 2000,
  coordinators: [],
  foundingListenMs: 0,
  raft: DEFAULT_RAFT_OPTIONS,
  stores: [storeFromPreset('general', { name: DEFAULT_STORE_NAME, memoryLimitBytes: 1024 * 1024 * 1024 })],
};

/** Fills in the defaults; throws RangeError on settings that cannot work together. */
export function coordinatorOptions(given: CoordinatorIdentity & Partial<CoordinatorOptions>): CoordinatorOptions {
  const merged = { ...DEFAULT_COORDINATOR_OPTIONS, ...given };
  const options = merged.coordinators.length > 0 ? merged : { ...merged, coordinators: [merged.nodeId] };
  demand(isSubjectToken(options.cluster), 'cluster: use 1 to 64 letters, digits, "-" and "_"');
  demand(isSubjectToken(options.nodeId), 'nodeId: use 1 to 64 letters, digits, "-" and "_"');
  demand(isPartitionCount(options.partitionCount), 'partitionCount: use a power of two from 1 to 16384');
  demand(options.heartbeatMs > 0, 'heartbeatMs: must be more than 0');
  demand(options.heartbeatMs < options.suspectAfterMs, 'suspectAfterMs: must be more than heartbeatMs');
  demand(options.suspectAfterMs < options.downAfterMs, 'downAfterMs: must be more than suspectAfterMs');
  demand(options.downAfterMs < options.forgetAfterMs, 'forgetAfterMs: must be more than downAfterMs');
  demand(options.downAfterMs < options.replaceAfterMs, 'replaceAfterMs: must be more than downAfterMs');
  const { coordinators } = options;
  demand(coordinators.every(isSubjectToken), 'coordinators: use 1 to 64 letters, digits, "-" and "_"');
  demand(new Set(coordinators).size === coordinators.length, 'coordinators: a name occurs twice');
  demand(
    coordinators.length <= CLUSTER_LIMITS.maxCoordinators,
    `coordinators: at most ${CLUSTER_LIMITS.maxCoordinators}`,
  );
  raftTiming(options.raft);
  const detectorFaults = membershipFaults(monitorOptions(options));
  demand(detectorFaults.length === 0, `failureDetector: ${detectorFaults.join('; ')}`);
  demand(options.maxConcurrentMoves >= 1, 'maxConcurrentMoves: must be at least 1');
  demand(options.stores.length <= CLUSTER_LIMITS.maxStores, `stores: at most ${CLUSTER_LIMITS.maxStores}`);
  const faults = options.stores.flatMap(storeFaults);
  demand(faults.length === 0, `stores: ${faults.join('; ')}`);
  return options;
}

/** What the monitor of the members needs of them. */
export function monitorOptions(options: CoordinatorOptions): MembershipOptions {
  const { heartbeatMs: intervalMs, suspectAfterMs, downAfterMs, failureDetector } = options;
  return { intervalMs, suspectAfterMs, downAfterMs, ...failureDetector };
}

function demand(condition: boolean, message: string): void {
  if (!condition) throw new RangeError(message);
}
