/** Everything in the detection of failures that could grow has its bound here. */
export const MEMBERSHIP_BOUNDS = {
  /** Members that are watched at a time; as many as a cluster's table may have. */
  maxMembers: 512,
  /** Intervals between heartbeats that are remembered of one member. */
  windowIntervals: 64,
  /** Rounds of probes under way at a time; members that find no room are probed once one ends. */
  maxRounds: 32,
  /** Peers asked in one round at most. */
  maxProbePeers: 16,
} as const;
