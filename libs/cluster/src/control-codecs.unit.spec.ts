import fc from 'fast-check';
import { create, toBinary } from '@bufbuild/protobuf';
import { DecodeError, hexText } from '#libs/kernel';
import { decodeClusterState, encodeClusterState } from './cluster-state-codec.js';
import { EMPTY_CLUSTER_STATE } from './cluster-state.js';
import { noticeOf } from './event-notice.js';
import { decodeEventNotice, encodeEventNotice } from './event-notice-codec.js';
import { ClusterEventSchema } from './generated/hypercache/control/v1/cluster_event_pb.js';
import { decodeHeartbeat, encodeHeartbeat } from './heartbeat-codec.js';
import { NO_STATS, type Heartbeat } from './heartbeat.js';
import { CLUSTER_LIMITS } from './limits.js';
import {
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
import type { EpochReports } from './requests.js';

const HEARTBEAT: Heartbeat = {
  featureLevel: 1,
  cluster: 'hypercache',
  nodeId: 's1',
  role: 'storage-node',
  incarnation: 2 ** 53 - 1,
  softwareVersion: '0.1.0',
  endpoints: { host: '10.0.0.1', respPort: 0, httpPort: 0, adminPort: 6380 },
  zone: 'a',
  weight: 2,
  tableVersion: 7,
  clusterId: 'c1',
  state: 'draining',
  stats: {
    keys: 1,
    expiringKeys: 2,
    usedBytes: 3,
    limitBytes: 1e12,
    databaseKeys: [1, 0, 0, 9],
    hits: 4,
    misses: 5,
    operations: 6,
    stores: [{ storeId: 7, keys: 1, expiringKeys: 2, usedBytes: 3, limitBytes: 4 }],
    evicted: 7,
    expired: 8,
    connections: 9,
    cpuMs: 10,
    rssBytes: 11,
  },
  moves: [{ partition: 255, bytesCopied: 123456789012 }],
  capabilities: ['probes'],
};

const REPORTS: EpochReports = {
  clusterId: 'c1',
  nodeId: 's1',
  incarnation: 9,
  served: [
    { partition: 0, epoch: 1 },
    { partition: 16_383, epoch: 0xffffffff },
  ],
  failed: [
    { partition: 3, epoch: 4, reason: 'no-majority' },
    { partition: 4, epoch: 4, reason: 'spent' },
  ],
};

const MOVE = {
  clusterId: 'c1',
  partition: 3,
  epoch: 4,
  source: 's1',
  target: 's2',
  moveId: 12,
  incarnation: 77,
  targetIncarnation: 78,
  ok: false,
  reason: 'disk full',
};
const NOTICE = noticeOf({ type: 'MoveAborted', partition: 3, source: 'a', target: 'b', reason: 'late' }, 9, 1234);
const STATE = {
  ...EMPTY_CLUSTER_STATE,
  eventIndex: 3,
  superseded: new Map([['s1', [1, 2 ** 53 - 1]]]),
  draining: new Map([['s1', false], ['s2', true]]), // prettier-ignore
  rebalanceStopped: true,
};
const REPLY = { accepted: true, reason: '', tableVersion: 9 };
const LEAVE = { cluster: 'hypercache', nodeId: 's1', incarnation: 5 };
const REQUEST = { nodeId: 'g1', tableVersion: 0 };

interface Codec {
  readonly name: string;
  readonly value: unknown;
  readonly bytes: Uint8Array;
  readonly decode: (bytes: Uint8Array) => unknown;
}

const CODECS: readonly Codec[] = [
  { name: 'a heartbeat', value: HEARTBEAT, bytes: encodeHeartbeat(HEARTBEAT), decode: decodeHeartbeat },
  { name: 'a move report', value: MOVE, bytes: encodeMoveFinished(MOVE), decode: decodeMoveFinished },
  { name: 'a reply to one', value: REPLY, bytes: encodeMoveFinishedReply(REPLY), decode: decodeMoveFinishedReply },
  { name: 'a report of epochs', value: REPORTS, bytes: encodeEpochReports(REPORTS), decode: decodeEpochReports },
  {
    name: 'a reply to that',
    value: { tableVersion: 9 },
    bytes: encodeEpochReportsReply({ tableVersion: 9 }),
    decode: decodeEpochReportsReply,
  },
  { name: 'a leave', value: LEAVE, bytes: encodeLeave(LEAVE), decode: decodeLeave },
  { name: 'a table request', value: REQUEST, bytes: encodeTableRequest(REQUEST), decode: decodeTableRequest },
  { name: 'an event notice', value: NOTICE, bytes: encodeEventNotice(NOTICE), decode: decodeEventNotice },
  { name: 'a coordinator’s state', value: STATE, bytes: encodeClusterState(STATE), decode: decodeClusterState },
];

describe.each(CODECS)('$name', ({ value, bytes, decode }) => {
  it('comes back as it was', () => {
    expect(decode(bytes)).toEqual(value);
  });

  it('answers any bytes with a value or a DecodeError', () => {
    const damaged = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { maxLength: 5 }).map((changes) => {
      const copy = bytes.slice();
      for (const [at, byte] of changes) copy[at] = byte;
      return copy;
    });
    const cut = fc.nat(bytes.length - 1).map((length) => bytes.slice(0, length));
    fc.assert(
      fc.property(fc.oneof(damaged, cut, fc.uint8Array({ maxLength: 100 })), (input) => {
        try {
          decode(input);
        } catch (error) {
          if (!(error instanceof DecodeError)) throw error;
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('refuses a message without a format version, and an oversized one', () => {
    expect(() => decode(new Uint8Array(0))).toThrow(DecodeError);
    expect(() => decode(new Uint8Array(CLUSTER_LIMITS.maxStateBytes + 1))).toThrow(DecodeError);
  });
});

describe('reports of epochs', () => {
  it('have bytes that stay', () => {
    const bytes = encodeEpochReports({ ...REPORTS, served: REPORTS.served.slice(0, 1) });
    expect(hexText(bytes)).toBe(
      '0801' + '12026331' + '1a027331' + '2009' + '2a021001' + '3206080310041801' + '3206080410041804',
    );
  });

  it.each<[string, Partial<EpochReports>]>([
    ['a partition beyond all', { served: [{ partition: 16_384, epoch: 1 }] }],
    ['a node id that is no token', { nodeId: 'a b' }],
    ['an unknown reason', { failed: [{ partition: 0, epoch: 1, reason: 'unspecified' as 'spent' }] }],
    ['more epochs than there may be', { served: Array.from({ length: 2049 }, () => ({ partition: 1, epoch: 1 })) }],
  ])('are refused with %s', (_name, change) => {
    expect(() => decodeEpochReports(encodeEpochReports({ ...REPORTS, ...change }))).toThrow(DecodeError);
  });
});

describe('heartbeats', () => {
  it('say how partitions stand that a storage node is primary of, or nothing of it', () => {
    const lagging = [{ partition: 16_383, epoch: 0xffffffff, owners: 0b1000_0001 }];
    for (const replication of [
      { laggingCount: 0, lagging: [] },
      { laggingCount: 9, lagging },
    ]) {
      expect(decodeHeartbeat(encodeHeartbeat({ ...HEARTBEAT, replication }))).toEqual({ ...HEARTBEAT, replication });
    }
    expect(decodeHeartbeat(encodeHeartbeat(HEARTBEAT))).not.toHaveProperty('replication');
  });

  it('list no more lagging partitions than they have room for', () => {
    const lagging = Array.from({ length: 5000 }, (_, partition) => ({ partition, epoch: 0xffffffff, owners: 255 }));
    const bytes = encodeHeartbeat({ ...HEARTBEAT, replication: { laggingCount: 5000, lagging } });
    expect(bytes.length).toBeLessThan(CLUSTER_LIMITS.maxHeartbeatBytes / 2);
    const { replication } = decodeHeartbeat(bytes);
    expect(replication).toEqual({ laggingCount: 5000, lagging: lagging.slice(0, CLUSTER_LIMITS.maxReportedLagging) });
  });

  it('of coordinators say how they stand in their group', () => {
    const raft = { raftId: 0xffffffff, term: 2 ** 40, isLeader: true, coordinators: ['c1', 'c2'] };
    const heartbeat: Heartbeat = { ...HEARTBEAT, role: 'coordinator', raft };
    expect(decodeHeartbeat(encodeHeartbeat(heartbeat))).toEqual(heartbeat);
  });

  it('go out whatever the statistics are', () => {
    const stats = { ...NO_STATS, keys: -1, hits: 1.9, misses: NaN, operations: Infinity, cpuMs: 2 ** 60 };
    const decoded = decodeHeartbeat(encodeHeartbeat({ ...HEARTBEAT, stats })).stats;
    expect(decoded).toEqual({ ...NO_STATS, hits: 1 });
  });

  const refusals: [string, Partial<Heartbeat>][] = [
    ['a node id that is no token', { nodeId: 'a.b' }],
    ['an empty node id', { nodeId: '' }],
    ['incarnation 0', { incarnation: 0 }],
    ['weight 0', { weight: 0 }],
    ['a huge weight', { weight: 65 }],
    ['a cluster id that is no token', { clusterId: 'a b' }],
    ['a long zone', { zone: 'z'.repeat(65) }],
    ['a version with a line break', { softwareVersion: '1\r\n' }],
    ['a partition beyond all', { moves: [{ partition: 16384, bytesCopied: 0 }] }],
    ['a coordinator without a Raft id', { raft: { raftId: 0, term: 1, isLeader: true, coordinators: [] } }],
    ['a coordinator’s name that is no token', { raft: { raftId: 1, term: 1, isLeader: true, coordinators: ['a.b'] } }],
    ['too many coordinators', { raft: { raftId: 1, term: 1, isLeader: true, coordinators: new Array(16).fill('c') } }],
    ['too many moves', { moves: new Array(1025).fill({ partition: 0, bytesCopied: 0 }) }],
    ['a capability that is no token', { capabilities: ['a b'] }],
    ['too many capabilities', { capabilities: new Array(33).fill('x') as string[] }],
    [
      'a lagging partition beyond all',
      { replication: { laggingCount: 1, lagging: [{ partition: 16_384, epoch: 1, owners: 1 }] } },
    ],
    [
      'more owners than there may be',
      { replication: { laggingCount: 1, lagging: [{ partition: 1, epoch: 1, owners: 256 }] } },
    ],
    [
      'more lagging partitions than it counts',
      { replication: { laggingCount: 0, lagging: [{ partition: 1, epoch: 1, owners: 1 }] } },
    ],
    ['too many databases', { stats: { ...NO_STATS, databaseKeys: new Array(257).fill(0) as number[] } }],
  ];
  it.each(refusals)('are refused with %s', (_name, change) => {
    expect(() => decodeHeartbeat(encodeHeartbeat({ ...HEARTBEAT, ...change }))).toThrow(DecodeError);
  });
});

describe('event notices', () => {
  const message = (name: string, fields: Record<string, string>): Uint8Array =>
    toBinary(ClusterEventSchema, create(ClusterEventSchema, { formatVersion: 1, index: 1n, name, fields }));

  it('of unknown names are told apart from broken ones', () => {
    expect(decodeEventNotice(message('NodeSang', {}))).toBeUndefined();
    expect(decodeEventNotice(message('toString', {}))).toBeUndefined();
    expect(() => decodeEventNotice(message('NodeDown', {}))).toThrow('field "nodeId" is missing');
    expect(() => decodeEventNotice(message('NodeDown', { nodeId: 'x'.repeat(2000) }))).toThrow(DecodeError);
  });

  it('ignore fields that this release does not know', () => {
    expect(decodeEventNotice(message('NodeDown', { nodeId: 'a', mood: 'bad' }))?.fields).toEqual({ nodeId: 'a' });
  });
});

describe('move reports', () => {
  it('shorten their reason', () => {
    const report = decodeMoveFinished(encodeMoveFinished({ ...MOVE, reason: 'x'.repeat(5000) }));
    expect(report.reason).toHaveLength(CLUSTER_LIMITS.maxReasonLength);
  });
});
