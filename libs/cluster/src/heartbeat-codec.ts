/** Heartbeats as protobuf; what decodes is within its limits. */
import { create, toBinary } from '@bufbuild/protobuf';
import { check, checkFormatVersion, decodeMessage, toName, toNumber, toToken, toVisibleText } from './decode.js';
import { fromEndpoints } from './endpoints-codec.js';
import {
  HeartbeatSchema,
  type Heartbeat as HeartbeatMessage,
  type MemberStats as StatsMessage,
  type RaftReport as RaftMessage,
  type StoreStats as StoreMessage,
} from './generated/hypercache/control/v1/heartbeat_pb.js';
import {
  NO_STATS,
  type Heartbeat,
  type MemberStats,
  type RaftReport,
  type ReplicationStanding,
  type StoreStats,
} from './heartbeat.js';
import { CLUSTER_LIMITS } from './limits.js';
import { MEMBER_ROLES, REPORTED_STATES } from './member.js';
import { FORMAT_VERSION } from './versions.js';

const BOUNDS_OF_HEARTBEAT = {
  maxBytes: CLUSTER_LIMITS.maxHeartbeatBytes,
  maxOccurrences: {
    15: CLUSTER_LIMITS.maxReportedMoves,
    17: CLUSTER_LIMITS.maxCapabilities,
    19: CLUSTER_LIMITS.maxReportedLagging,
  },
};

export function encodeHeartbeat(heartbeat: Heartbeat): Uint8Array {
  const { stats } = heartbeat;
  return toBinary(
    HeartbeatSchema,
    create(HeartbeatSchema, {
      ...heartbeat,
      formatVersion: FORMAT_VERSION,
      role: MEMBER_ROLES.indexOf(heartbeat.role),
      state: REPORTED_STATES.indexOf(heartbeat.state),
      incarnation: BigInt(heartbeat.incarnation),
      tableVersion: BigInt(heartbeat.tableVersion),
      stats: {
        keys: toCount(stats.keys),
        expiringKeys: toCount(stats.expiringKeys),
        usedBytes: toCount(stats.usedBytes),
        limitBytes: toCount(stats.limitBytes),
        databaseKeys: stats.databaseKeys.map(toCount),
        hits: toCount(stats.hits),
        misses: toCount(stats.misses),
        operations: toCount(stats.operations),
        evicted: toCount(stats.evicted),
        expired: toCount(stats.expired),
        connections: toCount(stats.connections),
        cpuMs: toCount(stats.cpuMs),
        rssBytes: toCount(stats.rssBytes),
        stores: stats.stores.map((store) => ({
          storeId: store.storeId,
          keys: toCount(store.keys),
          expiringKeys: toCount(store.expiringKeys),
          usedBytes: toCount(store.usedBytes),
          limitBytes: toCount(store.limitBytes),
        })),
      },
      moves: heartbeat.moves.map((move) => ({
        partition: move.partition,
        bytesCopied: toCount(move.bytesCopied),
      })),
      capabilities: [...heartbeat.capabilities],
      laggingCount: heartbeat.replication === undefined ? 0 : heartbeat.replication.laggingCount + 1,
      lagging:
        heartbeat.replication?.lagging.slice(0, CLUSTER_LIMITS.maxReportedLagging).map((each) => ({ ...each })) ?? [],
      raft: heartbeat.raft && {
        ...heartbeat.raft,
        term: BigInt(heartbeat.raft.term),
        coordinators: [...heartbeat.raft.coordinators],
      },
    }),
  );
}

/** Throws DecodeError; `bytes` are not kept. */
export function decodeHeartbeat(bytes: Uint8Array): Heartbeat {
  const message = decodeMessage(HeartbeatSchema, bytes, BOUNDS_OF_HEARTBEAT);
  checkFormatVersion('Heartbeat', message.formatVersion);
  const incarnation = toNumber(message.incarnation, 'incarnation');
  check(incarnation > 0, 'incarnation: 0');
  check(message.weight >= 1 && message.weight <= CLUSTER_LIMITS.maxWeight, `weight ${message.weight}: out of range`);
  return {
    featureLevel: message.featureLevel,
    cluster: toToken(message.cluster, 'cluster'),
    nodeId: toToken(message.nodeId, 'node id'),
    role: toName(MEMBER_ROLES, message.role, 'role'),
    incarnation,
    softwareVersion: toVisibleText(message.softwareVersion, 'software version'),
    endpoints: fromEndpoints(message.endpoints),
    zone: toVisibleText(message.zone, 'zone'),
    weight: message.weight,
    tableVersion: toNumber(message.tableVersion, 'table version'),
    clusterId: message.clusterId === '' ? '' : toToken(message.clusterId, 'cluster id'),
    state: toName(REPORTED_STATES, message.state, 'state'),
    stats: message.stats === undefined ? NO_STATS : toStats(message.stats),
    moves: message.moves.map((move) => {
      check(move.partition < CLUSTER_LIMITS.maxPartitions, `partition ${move.partition}: out of range`);
      return { partition: move.partition, bytesCopied: toNumber(move.bytesCopied, 'bytes copied') };
    }),
    capabilities: message.capabilities.map((name) => toToken(name, 'capability')),
    ...(message.raft === undefined ? {} : { raft: toRaftReport(message.raft) }),
    ...(message.laggingCount === 0 ? {} : { replication: toStanding(message) }),
  };
}

function toStanding({ laggingCount, lagging }: HeartbeatMessage): ReplicationStanding {
  check(lagging.length < laggingCount, 'more partitions lag than are counted');
  return {
    laggingCount: laggingCount - 1,
    lagging: lagging.map(({ partition, epoch, owners }) => {
      check(partition < CLUSTER_LIMITS.maxPartitions, `partition ${partition}: out of range`);
      check(owners < 2 ** CLUSTER_LIMITS.maxOwners, `partition ${partition}: more owners than there may be`);
      return { partition, epoch, owners };
    }),
  };
}

function toRaftReport({ raftId, term, isLeader, coordinators }: RaftMessage): RaftReport {
  check(raftId > 0, 'raft id: 0');
  check(coordinators.length <= CLUSTER_LIMITS.maxCoordinators, 'too many coordinators');
  return {
    raftId,
    term: toNumber(term, 'term'),
    isLeader,
    coordinators: coordinators.map((nodeId) => toToken(nodeId, 'name of a coordinator')),
  };
}

function toStats(message: StatsMessage): MemberStats {
  check(message.stores.length <= CLUSTER_LIMITS.maxStores, 'statistics of too many stores');
  check(message.databaseKeys.length <= CLUSTER_LIMITS.maxDatabases, 'too many databases');
  return {
    keys: toNumber(message.keys, 'keys'),
    expiringKeys: toNumber(message.expiringKeys, 'expiring keys'),
    usedBytes: toNumber(message.usedBytes, 'used bytes'),
    limitBytes: toNumber(message.limitBytes, 'limit bytes'),
    databaseKeys: message.databaseKeys.map((keys) => toNumber(keys, 'keys of a database')),
    hits: toNumber(message.hits, 'hits'),
    misses: toNumber(message.misses, 'misses'),
    operations: toNumber(message.operations, 'operations'),
    evicted: toNumber(message.evicted, 'evicted'),
    expired: toNumber(message.expired, 'expired'),
    connections: toNumber(message.connections, 'connections'),
    cpuMs: toNumber(message.cpuMs, 'CPU time'),
    rssBytes: toNumber(message.rssBytes, 'resident bytes'),
    stores: message.stores.map(toStoreStats),
  };
}

function toStoreStats(message: StoreMessage): StoreStats {
  return {
    storeId: message.storeId,
    keys: toNumber(message.keys, 'keys of a store'),
    expiringKeys: toNumber(message.expiringKeys, 'expiring keys of a store'),
    usedBytes: toNumber(message.usedBytes, 'used bytes of a store'),
    limitBytes: toNumber(message.limitBytes, 'limit bytes of a store'),
  };
}

/** Statistics never stop a heartbeat: what is no count goes out as the nearest one. */
function toCount(value: number): bigint {
  return value > 0 && value <= Number.MAX_SAFE_INTEGER ? BigInt(Math.floor(value)) : 0n;
}
