/** What the process that measures a Raft group tells the suite. */
export interface RaftRate {
  readonly proposalsPerSecond: number;
  /** From the proposal to its application by the leader. */
  readonly medianMs: number;
  readonly p99Ms: number;
  /** Of the log of whoever syncs most. */
  readonly syncsPerSecond: number;
  /** How often another one came to lead. */
  readonly replacements: number;
}
