/**
 * The durable half of a Raft member: hard state, snapshots and log of one node in one folder of a disk. What a Ready says is
 * durable once `write` has answered; after the first failure of the disk nothing is written any more, since an fsync that
 * failed once proves nothing when it succeeds later (Rebello et al., "Can Applications Recover from fsync Failures?", 2020).
 */
import { assert } from '#libs/kernel';
import { inTurn, type Disk, type DiskCallback, type DiskError, type DiskFile, type DiskStep } from '#libs/ports';
import type { Configuration, Entry, Ready, Snapshot, StoredLog } from '#libs/raft';
import { RAFT_LOG_BOUNDS } from './bounds.js';
import { HARD_STATE_NAME, segmentName, snapshotName } from './file-names.js';
import { HardStateFile } from './hard-state-file.js';
import { RaftLogError } from './raft-log-error.js';
import { ioError, Recovery, type RecoveredFolder, type SegmentInfo } from './recovery.js';
import { encodeBatch, encodeSegmentHeader, SEGMENT_HEADER_BYTES } from './segment-format.js';
import { encodeSnapshot } from './state-records.js';

export type RaftLogCallback<T = void> = (error: RaftLogError | undefined, value: T) => void;

interface Job {
  readonly steps: () => readonly DiskStep[];
  readonly done: RaftLogCallback;
}

export class RaftLogFiles {
  private readonly jobs: Job[] = [];
  private readonly hardState: HardStateFile;
  private failure: RaftLogError | undefined;
  /** Ascending; the last one is written to where `active` is its file. */
  private segments: SegmentInfo[] = [];
  private snapshots: number[] = [];
  private active: DiskFile | undefined;
  /** The last sequence that is no more: none is used twice. */
  private lastRemoved = 0;
  private isClosing = false;

  constructor(
    private readonly disk: Disk,
    private readonly folder: string,
    private readonly segmentBytes: number = RAFT_LOG_BOUNDS.segmentBytes,
  ) {
    assert(segmentBytes > SEGMENT_HEADER_BYTES, `segments of ${segmentBytes} bytes have no room for a batch`);
    this.hardState = new HardStateFile(disk, this.path(HARD_STATE_NAME));
  }

  /** What is stored, made durable once more; undefined in an empty folder. To be called once, before all else. */
  load(done: RaftLogCallback<StoredLog | undefined>): void {
    new Recovery(this.disk, this.folder).run((error, recovered) => {
      if (error !== undefined || recovered === undefined) return refuse(done, error as RaftLogError);
      this.segments = [...recovered.segments];
      this.snapshots = [...recovered.snapshots];
      const { log } = recovered;
      if (log === undefined) return done(undefined, undefined);
      const answer: RaftLogCallback = (failed) => (failed === undefined ? done(undefined, log) : refuse(done, failed));
      this.enqueue(() => [this.hardState.replacing(log.hardState), ...this.settling(recovered)], answer);
    });
  }

  /** The first files of a member: term 0, and a snapshot of nothing with the founders, or no members where it joins later. */
  create(configuration: Configuration, done: RaftLogCallback): void {
    const snapshot = { index: 0, term: 0, configuration, data: new Uint8Array(0) };
    this.enqueue(() => [this.writingSnapshot(snapshot), this.hardState.replacing({ term: 0, vote: 0 })], done);
  }

  /** Makes durable what a Ready says, in this order: hard state, snapshot, entries. */
  write(ready: Pick<Ready, 'hardState' | 'snapshot' | 'entries'>, done: RaftLogCallback): void {
    const { hardState, snapshot, entries } = ready;
    this.enqueue(() => {
      const steps: DiskStep[] = [];
      if (hardState !== undefined) steps.push(this.hardState.writing(hardState));
      if (snapshot !== undefined) {
        steps.push(this.writingSnapshot(snapshot));
        steps.push(this.removingAllSegments());
      }
      if (entries.length > 0) steps.push((next) => this.append(entries, next));
      return steps;
    }, done);
  }

  /** Makes this node's own snapshot durable, then removes the segments whose entries all lie up to `compactTo`. */
  saveSnapshot(snapshot: Snapshot, compactTo: number, done: RaftLogCallback): void {
    assert(compactTo <= snapshot.index, `entry ${compactTo} is not covered by snapshot ${snapshot.index}`);
    this.enqueue(() => [this.writingSnapshot(snapshot), this.removingSegmentsTo(compactTo)], done);
  }

  /** After everything that was asked for before, also where the disk has failed. */
  close(done: RaftLogCallback): void {
    this.enqueue(
      () => [],
      (error) => {
        const { active } = this;
        this.active = undefined;
        const closeBoth: DiskCallback = (activeError) =>
          this.hardState.close((stateError) => {
            const closeError = activeError ?? stateError;
            done(error ?? (closeError === undefined ? undefined : ioError(closeError)));
          });
        if (active === undefined) closeBoth(undefined);
        else active.close(closeBoth);
      },
    );
    this.isClosing = true;
  }

  private enqueue(steps: () => readonly DiskStep[], done: RaftLogCallback): void {
    assert(!this.isClosing, 'the log is closed');
    assert(this.jobs.length < RAFT_LOG_BOUNDS.maxQueuedWrites, 'more writes wait for the disk than a node may ask for');
    this.jobs.push({ steps, done });
    if (this.jobs.length === 1) this.runNext();
  }

  private runNext(): void {
    const job = this.jobs[0];
    if (job === undefined) return;
    if (this.failure !== undefined) return this.finish(job, this.failure);
    inTurn(job.steps(), (error) => this.finish(job, error === undefined ? undefined : ioError(error)));
  }

  private finish(job: Job, error: RaftLogError | undefined): void {
    this.failure ??= error;
    this.jobs.shift();
    // Where none waits, the one that `done` may ask for begins by itself.
    const isNextWaiting = this.jobs.length > 0;
    job.done(error);
    if (isNextWaiting) this.runNext();
  }

  /** Older snapshots go once the new one is durable. */
  private writingSnapshot(snapshot: Snapshot): DiskStep {
    return (next) => {
      this.disk.writeFileAtomic(this.path(snapshotName(snapshot.index)), encodeSnapshot(snapshot), (error) => {
        if (error !== undefined) return next(error);
        const old = this.snapshots.filter((index) => index !== snapshot.index);
        this.snapshots = [snapshot.index];
        const steps = old.map((index) => this.removing(snapshotName(index)));
        inTurn(steps, next);
      });
    };
  }

  /** Oldest first, so that what is left after a crash is still the end of the log. The one that is written to stays. */
  private removingSegmentsTo(index: number): DiskStep {
    return (next) => {
      const kept = this.segments.findIndex(({ lastIndex }, at) => lastIndex > index || at === this.segments.length - 1);
      const old = this.segments.splice(0, Math.max(kept, 0));
      const steps = old.map(({ sequence }) => this.removing(segmentName(sequence)));
      inTurn(steps, next);
    };
  }

  /** Newest first, so that what is left after a crash still shows that a snapshot has replaced it. */
  private removingAllSegments(): DiskStep {
    return (next) => {
      const old = this.segments.splice(0).reverse();
      const steps = old.map(({ sequence }) => this.removing(segmentName(sequence)));
      if (this.active !== undefined) steps.unshift(this.closing(this.active));
      this.active = undefined;
      this.lastRemoved = old[0]?.sequence ?? this.lastRemoved;
      inTurn(steps, next);
    };
  }

  private removing(name: string): DiskStep {
    return (next) => this.disk.remove(this.path(name), next);
  }

  private closing(file: DiskFile): DiskStep {
    return (next) => file.close(next);
  }

  private append(entries: readonly Entry[], next: DiskCallback): void {
    const segment = this.segments.at(-1);
    if (segment === undefined || this.active === undefined || segment.bytes >= this.segmentBytes) {
      return this.beginSegment((error) => {
        if (error === undefined) this.append(entries, next);
        else next(error);
      });
    }
    const batch = encodeBatch(segment.sequence, entries);
    assert(batch.length <= RAFT_LOG_BOUNDS.maxBatchBytes, `a batch of ${batch.length} bytes is too large`);
    segment.bytes += batch.length;
    segment.lastIndex = Math.max(segment.lastIndex, entries[entries.length - 1].index);
    const { active } = this;
    inTurn([(written) => active.append(batch, written), (synced) => active.sync(synced)], next);
  }

  private beginSegment(next: DiskCallback): void {
    const sequence = Math.max(this.segments.at(-1)?.sequence ?? 0, this.lastRemoved) + 1;
    const header = encodeSegmentHeader(sequence);
    const old = this.active;
    inTurn(
      [
        ...(old === undefined ? [] : [this.closing(old)]),
        this.opening(sequence),
        (written) => (this.active as DiskFile).append(header, written),
        (noted) => {
          this.segments.push({ sequence, lastIndex: 0, bytes: header.length });
          noted(undefined);
        },
      ],
      next,
    );
  }

  private opening(sequence: number): DiskStep {
    return (next) => {
      this.disk.open(this.path(segmentName(sequence)), { create: true }, (error: DiskError | undefined, file) => {
        if (error === undefined) this.active = file;
        next(error);
      });
    };
  }

  /**
   * What a process wrote and did not sync before it ended reads well now, and would be lost with the next power cut; after
   * an fsync that failed, a later one may say that all is well and still have lost it. So the last segment, without its
   * torn end, is written anew as a file of its own; those before it were synced before it was begun.
   */
  private settling({ segments, isReplaced, tail }: RecoveredFolder): readonly DiskStep[] {
    if (isReplaced) return [this.removingAllSegments()];
    const segment = segments.at(-1);
    if (segment === undefined) return [];
    const bytes = tail.length === 0 ? encodeSegmentHeader(segment.sequence) : tail;
    segment.bytes = bytes.length;
    return [
      (next) => this.disk.writeFileAtomic(this.path(segmentName(segment.sequence)), bytes, next),
      this.opening(segment.sequence),
    ];
  }

  private path(name: string): string {
    return `${this.folder}/${name}`;
  }
}

/** An error's callback carries no value, as with every callback of the disk. */
function refuse<T>(done: RaftLogCallback<T>, error: RaftLogError): void {
  (done as (error: RaftLogError) => void)(error);
}
