/** What went another way than planned, as plain numbers for metrics. */
export class RaftCounters {
  /** Elections that this node began, and those that it won. */
  elections = 0;
  electionsWon = 0;
  /** Requests for votes refused because a leader is alive. */
  stickyRefusals = 0;
  /** Messages not for this node, or from itself. */
  misaddressed = 0;
  /** Messages that no correct member sends: a second leader of a term, a match beyond the log, a conflict below the
   * commit index. They are dropped; a number above zero wants an operator. */
  contradictions = 0;
  /** Messages and appends dropped at a bound. */
  overflows = 0;
  snapshotsSent = 0;
  snapshotsAbandoned = 0;
  snapshotsInstalled = 0;
  /** Snapshots that came whole and did not match their checksum. */
  snapshotsDamaged = 0;
}
