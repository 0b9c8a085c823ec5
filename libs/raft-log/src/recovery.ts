/**
 * Reads a member's folder at its start. A batch that was being written when the process or the machine stopped is
 * cut: nobody was told of it. Anything else that does not read is an error, never skipped and never cut.
 */
import { DecodeError } from '#libs/kernel';
import { inTurn, type Disk, type DiskStep } from '#libs/ports';
import type { HardState, Snapshot, StoredLog } from '#libs/raft';
import { HARD_STATE_NAME, segmentName, segmentsIn, snapshotName, snapshotsIn } from './file-names.js';
import { damaged, RaftLogError } from './raft-log-error.js';
import { Replay } from './replay.js';
import { decodeSegment } from './segment-format.js';
import { decodeHardState, decodeSnapshot } from './state-records.js';

export interface SegmentInfo {
  readonly sequence: number;
  /** The highest index of all its batches. */
  lastIndex: number;
  bytes: number;
}

export interface RecoveredFolder {
  /** Undefined where nothing was ever stored here. */
  readonly log: StoredLog | undefined;
  readonly segments: readonly SegmentInfo[];
  /** Indexes of the snapshots that have a file. */
  readonly snapshots: readonly number[];
  /** The last segment as far as it is whole; what follows is to be cut. */
  readonly tail: Uint8Array;
  /** The snapshot has replaced what the segments hold: they are to be removed. */
  readonly isReplaced: boolean;
}

export class Recovery {
  private readonly replay = new Replay();
  private readonly segments: SegmentInfo[] = [];
  private hardState: HardState | undefined;
  private snapshot: Snapshot | undefined;
  private tail = new Uint8Array(0);
  private problem: RaftLogError | undefined;

  constructor(
    private readonly disk: Disk,
    private readonly folder: string,
  ) {}

  run(done: (error: RaftLogError | undefined, recovered?: RecoveredFolder) => void): void {
    this.disk.list(this.folder, (listError, names) => {
      if (listError !== undefined) return done(ioError(listError));
      const segments = segmentsIn(names);
      const snapshots = snapshotsIn(names);
      if (!names.includes(HARD_STATE_NAME)) {
        // The first snapshot is written before the first hard state.
        if (segments.length > 0 || snapshots.some((index) => index > 0))
          return done(damaged(this.path(HARD_STATE_NAME), 'it is missing'));
        return done(undefined, { log: undefined, segments: [], snapshots, tail: this.tail, isReplaced: false });
      }
      const newest = snapshots.at(-1);
      if (newest === undefined) return done(damaged(this.folder, 'there is no snapshot'));
      const steps = [
        this.reading(HARD_STATE_NAME, (bytes) => (this.hardState = decodeHardState(bytes))),
        this.reading(snapshotName(newest), (bytes) => (this.snapshot = decodeSnapshot(bytes))),
        ...segments.map((sequence, at) => this.readingSegment(sequence, at === segments.length - 1)),
      ];
      inTurn(steps, (error) => {
        if (this.problem !== undefined) done(this.problem);
        else if (error !== undefined) done(ioError(error));
        else this.finish(snapshots, done);
      });
    });
  }

  private finish(
    snapshots: readonly number[],
    done: (error: RaftLogError | undefined, recovered?: RecoveredFolder) => void,
  ): void {
    const hardState = this.hardState as HardState;
    const snapshot = this.snapshot as Snapshot;
    const replayed = this.replay.finish(snapshot);
    if (replayed === undefined) {
      return done(damaged(this.folder, `entries after snapshot ${snapshot.index} are missing`));
    }
    const { segments, tail } = this;
    const { isReplaced, ...rest } = replayed;
    done(undefined, { log: { hardState, snapshot, ...rest }, segments, snapshots, tail, isReplaced });
  }

  private reading(name: string, use: (bytes: Uint8Array) => void): DiskStep {
    return (next) => {
      if (this.problem !== undefined) return next(undefined);
      this.disk.readFile(this.path(name), (error, bytes) => {
        if (error === undefined) this.use(name, () => use(bytes));
        next(error);
      });
    };
  }

  private use(name: string, action: () => void): void {
    try {
      action();
    } catch (cause) {
      if (!(cause instanceof DecodeError)) throw cause;
      this.problem = damaged(this.path(name), cause.message);
    }
  }

  private readingSegment(sequence: number, isLast: boolean): DiskStep {
    const name = segmentName(sequence);
    return this.reading(name, (bytes) => {
      const { batches, fault } = decodeSegment(bytes, sequence);
      if (fault !== undefined && (!isLast || fault.isFollowed)) {
        throw new DecodeError(`${fault.problem} at byte ${fault.offset}`);
      }
      const valid = fault?.offset ?? bytes.length;
      if (isLast) this.tail = bytes.slice(0, valid);
      let lastIndex = 0;
      for (const batch of batches) {
        const problem = this.replay.add(batch);
        if (problem !== undefined) throw new DecodeError(problem);
        lastIndex = Math.max(lastIndex, batch[batch.length - 1].index);
      }
      this.segments.push({ sequence, lastIndex, bytes: valid });
    });
  }

  private path(name: string): string {
    return `${this.folder}/${name}`;
  }
}

export function ioError(cause: Error & { readonly path: string }): RaftLogError {
  return new RaftLogError('io', cause.path, `${cause.message}; nothing more is written, the node has to stop`, {
    cause,
  });
}
