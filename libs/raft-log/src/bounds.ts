import { assert } from '#libs/kernel';
import { RAFT_BOUNDS } from '#libs/raft';

const KIB = 1024;
const MIB = 1024 * KIB;

export const RAFT_LOG_BOUNDS = {
  /** A segment that has reached this is followed by a new one. */
  segmentBytes: 4 * MIB,
  /** Terms and votes that are appended one after the other; then the file begins anew. */
  hardStateRecords: 1_000,
  /** The entries of one Ready, which are written as one batch. */
  maxBatchBytes: 32 * MIB,
  /** Writes that wait for the disk; a node has one Ready and one snapshot under way. */
  maxQueuedWrites: 16,
} as const;

assert(
  RAFT_BOUNDS.maxUnstableBytes + RAFT_BOUNDS.maxUncommittedBytes <= RAFT_LOG_BOUNDS.maxBatchBytes,
  'all that a node can hold unwritten must fit a batch',
);
