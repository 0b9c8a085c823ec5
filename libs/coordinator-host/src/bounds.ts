import { CLUSTER_LIMITS } from '#libs/cluster';
import { assert } from '#libs/kernel';

const MIB = 1024 * 1024;

/** Bounds of a coordinator's queues and retries. */
export const COORDINATOR_BOUNDS = {
  /** Events that wait to be agreed on; more changes are refused until they have been. */
  maxPendingEvents: 4096,
  /** Answers that wait for the group's agreement; more askers get none and ask again. */
  maxPendingReplies: 1024,
  /** Requests for changes that wait for a leader. */
  maxWaitingChanges: 256,
  /** Blank coordinators that one which is blank too answers; more are heard all the same. */
  maxAskers: 64,
  /** Different lines that the log's limiter tells apart. */
  maxLimitedLines: 256,
  /** Events that are kept to be asked for, and their bytes; the oldest go first. */
  maxEventsKept: 10_000,
  maxEventBytesKept: 4 * MIB,
  /** UTF-8 bytes of the reason that a coordinator which is refused is told. */
  maxRefusalBytes: 1024,
  /** Changes of primaries, or of owners without data, that are under way at a time: each stops its partition for a lease. */
  maxHandBacks: 8,
  /** One that has not been heard to serve by then no longer counts. */
  handBackMs: 15_000,
  /** Wait after a partition's second candidate in a row has failed, and at most; each wait is twice the one before. */
  firstRetryMs: 500,
  longestRetryMs: 16_000,
  /** A partition that has not failed for so long begins anew. */
  forgetFailuresMs: 60_000,
  /** Owners of one partition that are remembered as tried. */
  maxTriedOwners: CLUSTER_LIMITS.maxOwners,
} as const;

assert(
  COORDINATOR_BOUNDS.longestRetryMs < COORDINATOR_BOUNDS.forgetFailuresMs,
  'failures are remembered for longer than the next candidate waits',
);
