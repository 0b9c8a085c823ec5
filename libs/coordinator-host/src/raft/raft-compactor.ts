/** Keeps the log short: a snapshot now and then, and the entries before it away. One snapshot is written at a time. */
import {
  compactionIndex,
  isSnapshotDue,
  type CompactionPolicy,
  type MemoryLogStorage,
  type Snapshot,
} from '#libs/raft';
import type { RaftLogFiles } from '#libs/raft-log';

export class RaftCompactor {
  private isWriting = false;

  constructor(
    private readonly storage: MemoryLogStorage,
    private readonly files: RaftLogFiles,
    private readonly policy: CompactionPolicy,
    private readonly onFailed: (error: Error) => void,
  ) {}

  /** `take` answers the snapshot after everything applied, or undefined where there is none to take. */
  onApplied(applied: number, take: () => Snapshot | undefined): void {
    const { storage, policy } = this;
    if (this.isWriting || !isSnapshotDue(applied, storage.snapshot.index, policy)) return;
    const snapshot = take();
    if (snapshot === undefined) return;
    const compactTo = compactionIndex(storage.firstIndex, snapshot.index, policy) ?? 0;
    this.isWriting = true;
    this.files.saveSnapshot(snapshot, compactTo, (error) => {
      this.isWriting = false;
      if (error !== undefined) return this.onFailed(error);
      // A leader's snapshot may have come while this one was written.
      if (storage.snapshot.index >= snapshot.index) return;
      storage.save(snapshot);
      storage.compact(compactTo);
    });
  }
}
