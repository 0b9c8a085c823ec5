import {
  CAPABILITIES,
  FEATURE_LEVEL,
  NO_STATS,
  type ClusterTable,
  type Heartbeat,
  type ReportedState,
} from '#libs/cluster';
import type { CoordinatorGroup } from './group/coordinator-group.js';
import type { CoordinatorOptions } from './options.js';

/** What a coordinator says of itself: ready once it knows a leader, itself or another. */
export function ownHeartbeat(
  options: CoordinatorOptions,
  incarnation: number,
  group: CoordinatorGroup,
  table: ClusterTable | undefined,
): Heartbeat {
  const { cluster, nodeId, softwareVersion, endpoints, zone, coordinators } = options;
  const state: ReportedState = group.knowsLeader ? 'ready' : 'starting';
  return {
    featureLevel: FEATURE_LEVEL,
    cluster,
    nodeId,
    role: 'coordinator',
    incarnation,
    softwareVersion,
    endpoints,
    zone,
    weight: 1,
    tableVersion: table?.tableVersion ?? 0,
    clusterId: group.groupId,
    state,
    stats: NO_STATS,
    moves: [],
    capabilities: CAPABILITIES.coordinator,
    raft: {
      raftId: group.raftId,
      term: group.member?.status.term ?? 0,
      isLeader: group.member?.isReadyLeader ?? false,
      coordinators,
    },
  };
}
