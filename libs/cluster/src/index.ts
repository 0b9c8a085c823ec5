export { encodeClusterTable, decodeClusterTable, decodeTableReply, isPartitionCount } from './cluster-table-codec.js';
export {
  canAgree,
  isLive,
  isReachable,
  NO_MOVE,
  NO_NODE,
  settledPartition,
  type ClusterTable,
  type TableSetting,
  type TableStore,
  type TableNode,
  type TablePartition,
} from './cluster-table.js';
export { decodeHeartbeat, encodeHeartbeat } from './heartbeat-codec.js';
export {
  NO_STATS,
  type Heartbeat,
  type LaggingPartition,
  type MemberStats,
  type MoveProgress,
  type RaftReport,
  type ReplicationStanding,
  type StoreStats,
} from './heartbeat.js';
export { CLUSTER_LIMITS } from './limits.js';
export {
  MEMBER_ROLES,
  NODE_STATUSES,
  REPORTED_STATES,
  type Endpoints,
  type MemberRole,
  type NodeStatus,
  type ReportedState,
} from './member.js';
export {
  decodeEpochReports,
  decodeEpochReportsReply,
  decodeLeave,
  decodeMoveFinished,
  decodeMoveFinishedReply,
  decodeTableRequest,
  encodeEpochReports,
  encodeEpochReportsReply,
  encodeLeave,
  encodeMoveFinished,
  encodeMoveFinishedReply,
  encodeTableRequest,
} from './requests-codec.js';
export {
  PROMOTION_FAILURES,
  type EpochReports,
  type EpochReportsReply,
  type EpochServed,
  type Leave,
  type MoveFinished,
  type MoveFinishedReply,
  type PromotionFailed,
  type PromotionFailure,
  type TableRequest,
} from './requests.js';
export {
  decodePingReply,
  decodePingRequest,
  decodeProbeReply,
  decodeProbeRequest,
  encodePingReply,
  encodePingRequest,
  encodeProbeReply,
  encodeProbeRequest,
} from './probes-codec.js';
export type { Ping, ProbeReply, ProbeRequest } from './probes.js';
export { RoutingTable } from './routing-table.js';
export {
  RELEASE_REPLICATES,
  replicationReport,
  replicationShortage,
  smallestFactor,
  wantedOwners,
  type ReplicationInput,
  type ReplicationReport,
  type ReplicationShortage,
} from './replication.js';
export { CAPABILITIES, FEATURE_LEVEL, FORMAT_VERSION, OLDEST_FORMAT_VERSION, PROBES, REPLICATION } from './versions.js';
export { decodeChangeReply, decodeChangeRequest, encodeChangeReply, encodeChangeRequest } from './changes-codec.js';
export {
  NO_QUORUM_AFTER_MS,
  REFUSAL_CODES,
  type ChangeOutcome,
  type ChangeReply,
  type ChangeRequest,
  type ClusterChange,
  type NodeChange,
  type RefusalCode,
} from './cluster-change.js';
export {
  alteredStore,
  DEFAULT_REPLICATION_FACTOR,
  DEFAULT_STORE_ID,
  DEFAULT_STORE_NAME,
  differingFields,
  STORE_PRESETS,
  STORE_TYPES,
  storeFromPreset,
  type StoreChanges,
  type StoreDefinition,
  type StoreFilter,
  type StoreOverrides,
  type StoreType,
  type TtlPrefix,
  type TtlPrefixChange,
} from './store-definition.js';
export { inWordsOf, type StoreFieldWords } from './store-fault-words.js';
export { STORE_LIMITS, storeFaults } from './store-faults.js';
export {
  EVICTION_SCOPES,
  isPolicyName,
  POLICY_NAMES,
  policyByName,
  REDIS_POLICIES,
  redisPolicyName,
  type EvictionScope,
  type PolicyChoice,
  type PolicyName,
} from './store-policies.js';
export { nextStoreId, numberedStores } from './store-ids.js';
export type { ClusterCommand, Decision, Refusal } from './cluster-command.js';
export {
  PRIMARY_CHANGE_REASONS,
  type ClusterEvent,
  type ClusterEventName,
  type ClusterFormed,
  type Move,
  type PrimaryChangeReason,
} from './cluster-event.js';
export { decodeClusterState, encodeClusterState } from './cluster-state-codec.js';
export { EMPTY_CLUSTER_STATE, type ClusterState } from './cluster-state.js';
export { decide } from './decide.js';
export { decodeEventNotice, encodeEventNotice } from './event-notice-codec.js';
export {
  decodeEventsReply,
  decodeEventsRequest,
  encodeEventsReply,
  encodeEventsRequest,
  type EventsReply,
  type EventsRequest,
} from './events-codec.js';
export {
  EVENT_FIELDS,
  isClusterEventName,
  noticeOf,
  type AnyEventNotice,
  type EventFields,
  type EventNotice,
} from './event-notice.js';
export { evolve } from './evolve.js';
export {
  decodeEventBatch,
  encodeEventBatch,
  EVENT_BATCH_VERSION,
  writeEventBatch,
  type EventBatch,
} from './event-batch-codec.js';
export type {
  CoordinatorService,
  EventBus,
  EventBusCounters,
  Member,
  MembershipProvider,
  RoutingProvider,
} from './services.js';
export { TableRoutingProvider } from './table-routing-provider.js';
