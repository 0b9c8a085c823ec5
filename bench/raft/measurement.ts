/** What the process that measures a Raft group tells the suite. */
export interface RaftRate {
  readonly proposalsPerSecond: number;
  /** From the proposal to its application by the leader. */
  readonly medianMs: number;
  readonly p99Ms: number;
  /** Of the leader's log. */
  readonly syncsPerSecond: number;
}
