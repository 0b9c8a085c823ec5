/** Bounds of a coordinator's queues. */
export const COORDINATOR_BOUNDS = {
  /** Events that wait to become durable; more changes are refused until they have. */
  maxPendingEvents: 4096,
  /** Answers that wait for the state to become durable; more askers get none and ask again. */
  maxPendingReplies: 1024,
  /** Different lines that the log's limiter tells apart. */
  maxLimitedLines: 256,
} as const;
