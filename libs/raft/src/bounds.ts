import { assert, BOUNDS } from '#libs/kernel';

const KIB = 1024;
const MIB = 1024 * KIB;

/** Everything in Raft that could grow has its bound here. Those that {@link RaftOptions} names are its defaults. */
export const RAFT_BOUNDS = {
  /** Voters and learners of one configuration; the joint ones count twice. */
  maxMembers: 31,
  /** Payload of one entry. */
  maxEntryBytes: 512 * KIB,
  /** Payload and overhead of the entries in one append; one entry always fits. */
  maxAppendBytes: 512 * KIB,
  maxAppendEntries: 1_024,
  /** Appends without an answer, per peer. */
  maxInflightMessages: 64,
  maxInflightBytes: 4 * MIB,
  /** Bytes of entries that a leader has accepted and not committed; beyond, proposals are refused as `busy`. */
  maxUncommittedBytes: 16 * MIB,
  /** Bytes of entries that wait for the disk; beyond, a follower drops appends, which the leader repeats. */
  maxUnstableBytes: 16 * MIB,
  /** Messages that wait for the disk; beyond, new ones are dropped, as the bus may drop any. */
  maxOutboxMessages: 4_096,
  /** Bytes of committed entries that one Ready hands out; one entry always fits. */
  maxCommittedBytes: 4 * MIB,
  /** Reads that wait for a quorum. */
  maxPendingReads: 4_096,
  /** A state machine's snapshot. */
  maxSnapshotBytes: 64 * MIB,
  snapshotChunkBytes: 256 * KIB,
  /** A leader whose disk has done nothing for so many election timeouts resigns. */
  diskPatienceTimeouts: 3,
  /** A snapshot whose receiver takes nothing for so many election timeouts is given up. */
  snapshotPatienceTimeouts: 10,
} as const;

/** What a frame may add to entries or to a chunk: header, cluster id, a configuration. */
const FRAME_OVERHEAD_BYTES = 2 * KIB;

assert(
  RAFT_BOUNDS.maxAppendBytes + FRAME_OVERHEAD_BYTES < BOUNDS.maxFrameBytes,
  'the entries of an append must fit a frame',
);
assert(
  RAFT_BOUNDS.maxEntryBytes + FRAME_OVERHEAD_BYTES < BOUNDS.maxFrameBytes,
  'every entry must fit an append of its own',
);
assert(RAFT_BOUNDS.snapshotChunkBytes + FRAME_OVERHEAD_BYTES < BOUNDS.maxFrameBytes, 'a chunk must fit a frame');
assert(RAFT_BOUNDS.maxEntryBytes <= RAFT_BOUNDS.maxInflightBytes, 'one entry must fit the window');
