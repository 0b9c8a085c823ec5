/** When to take snapshots and how much of the log to keep; the thesis leaves both open (§5.1.2). */
export interface CompactionPolicy {
  /** Entries applied since the last snapshot. */
  readonly snapshotEvery: number;
  /** Entries kept before a snapshot, so that a member that is a little behind needs no snapshot. */
  readonly keepEntries: number;
}

export const COMPACTION: CompactionPolicy = { snapshotEvery: 10_000, keepEntries: 1_000 };

export function isSnapshotDue(applied: number, snapshotIndex: number, policy = COMPACTION): boolean {
  return applied - snapshotIndex >= policy.snapshotEvery;
}

/** Up to which index the log may go; undefined where it is short enough. */
export function compactionIndex(firstIndex: number, snapshotIndex: number, policy = COMPACTION): number | undefined {
  return snapshotIndex - firstIndex + 1 > policy.keepEntries ? snapshotIndex - policy.keepEntries : undefined;
}
