const MIB = 1024 * 1024;

/** Bounds of a coordinator's queues. */
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
} as const;
