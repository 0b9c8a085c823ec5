/** The size of a simulated cluster, and its hosts' settings: the real ones, sped up so that a few seconds show everything. */
import { storeFromPreset } from '#libs/cluster';
import { DEFAULT_RAFT_OPTIONS, type CoordinatorIdentity, type CoordinatorOptions } from '#libs/coordinator-host';
import { GATEWAY_DEFAULTS, type GatewayOptions } from '#libs/gateway-host';
import { STORAGE_DEFAULTS, type StorageOptions } from '#libs/storage-host';

export interface ClusterSettings {
  readonly coordinators: number;
  /** Coordinators that are not started with the others, and name them and themselves in their list. */
  readonly spareCoordinators: number;
  readonly storageNodes: number;
  /** Storage nodes that are not started with the others. */
  readonly lateStorageNodes: number;
  readonly gateways: number;
  readonly partitionCount: number;
  /** Memory of each storage node. */
  readonly nodeBytes: number;
  /** Of all members; silence is measured by it. */
  readonly heartbeatMs: number;
  /** Raft entries applied between two snapshots of a coordinator. */
  readonly snapshotEvery: number;
  /** Of the coordinators' damping of members that come and go. */
  readonly flapHalfLifeMs: number;
  /** Of the copies of the filter of the store `default` at gateways; 0 for none. */
  readonly nearStalenessMs: number;
}

export const DEFAULT_CLUSTER: ClusterSettings = {
  coordinators: 1,
  spareCoordinators: 0,
  storageNodes: 3,
  lateStorageNodes: 1,
  gateways: 2,
  partitionCount: 16,
  nodeBytes: 4 * 1024 * 1024,
  heartbeatMs: 100,
  snapshotEvery: 10_000,
  flapHalfLifeMs: 500,
  nearStalenessMs: 0,
};

export const CLUSTER_NAME = 'sim';
/** The first one, which founds the group. */
export const COORDINATOR = 'co1';
export const REQUEST_TIMEOUT_MS = 400;
/** Of silence, in heartbeats. */
const SUSPECT_AFTER_HEARTBEATS = 3;
const DOWN_AFTER_HEARTBEATS = 6;
export const DOWN_AFTER_MS = DOWN_AFTER_HEARTBEATS * DEFAULT_CLUSTER.heartbeatMs;
const VERSION = '0.0.0-sim';
const STORE_BYTES = 2 * 1024 * 1024;
const FALSE_POSITIVE_RATE = 0.01;

export const coordinatorName = (index: number): string => `co${index + 1}`;
export const storageName = (index: number): string => `st${index + 1}`;
export const gatewayName = (index: number): string => `gw${index + 1}`;

export function coordinatorSettings(
  settings: ClusterSettings,
  nodeId: string,
): CoordinatorIdentity & Partial<CoordinatorOptions> {
  const { heartbeatMs, snapshotEvery } = settings;
  const founders = Array.from({ length: settings.coordinators }, (_, i) => coordinatorName(i));
  return {
    cluster: CLUSTER_NAME,
    nodeId,
    softwareVersion: VERSION,
    coordinators: founders.includes(nodeId) ? founders : [...founders, nodeId],
    heartbeatMs,
    suspectAfterMs: SUSPECT_AFTER_HEARTBEATS * heartbeatMs,
    downAfterMs: DOWN_AFTER_HEARTBEATS * heartbeatMs,
    raft: { ...DEFAULT_RAFT_OPTIONS, compaction: { snapshotEvery, keepEntries: Math.floor(snapshotEvery / 4) } },
    failureDetector: {
      phiThreshold: 8,
      minStdMs: 20,
      probePeers: 3,
      probeTimeoutMs: 60,
      flapHalfLifeMs: settings.flapHalfLifeMs,
    },
    forgetAfterMs: 60_000,
    tableBeaconMs: 300,
    expectedStorageNodes: settings.storageNodes,
    formationDelayMs: 1_000,
    partitionCount: settings.partitionCount,
    rebalanceDelayMs: 150,
    maxConcurrentMoves: 3,
    moveTimeoutMs: 1_500,
    moveRetryMs: 200,
    stores: [
      storeFromPreset('general', {
        name: 'default',
        memoryLimitBytes: STORE_BYTES,
        filter: {
          enabled: true,
          falsePositiveRate: FALSE_POSITIVE_RATE,
          nearStalenessMs: settings.nearStalenessMs,
        },
      }),
    ],
  };
}

export function storageSettings(settings: ClusterSettings, nodeId: string): StorageOptions {
  return {
    ...STORAGE_DEFAULTS,
    cluster: CLUSTER_NAME,
    nodeId,
    softwareVersion: VERSION,
    advertise: { host: nodeId, adminPort: 6380 },
    zone: '',
    weight: 1,
    heartbeatMs: settings.heartbeatMs,
    tableRequestMs: 100,
    nodeMemoryBytes: settings.nodeBytes,
    parkMs: 60,
    moveChunkBytes: 64,
    moveAckMs: 250,
    drainTimeoutMs: 2_000,
  };
}

export function gatewaySettings(settings: ClusterSettings, nodeId: string): GatewayOptions {
  return {
    ...GATEWAY_DEFAULTS,
    cluster: CLUSTER_NAME,
    nodeId,
    mode: 'cluster',
    softwareVersion: VERSION,
    advertise: { host: nodeId, respPort: 6379, httpPort: 8080, adminPort: 6380 },
    zone: '',
    heartbeatMs: settings.heartbeatMs,
    tableRequestMs: 100,
    requestTimeoutMs: REQUEST_TIMEOUT_MS,
    maxInFlightOperations: 4_096,
    users: new Map(),
  };
}
