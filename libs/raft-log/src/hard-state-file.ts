/**
 * A member's term and vote. The file begins with one record, written as a whole; each change is appended as a record more,
 * and the last one counts. So a vote costs one fsync and no rename; a file that is replaced costs two fsyncs, of which that
 * of the folder waits for all that others have changed there. Elections wait for two votes, one after the other.
 *
 * Rejected: two slots that are written in turn (the disk port only appends); a record in the log's segments (a vote would
 * wait for entries under way, and be read with all of them).
 */
import { type Disk, type DiskCallback, type DiskFile, type DiskStep, inTurn } from '#libs/ports';
import type { HardState } from '#libs/raft';
import { RAFT_LOG_BOUNDS } from './bounds.js';
import { encodeHardState } from './state-records.js';

export class HardStateFile {
  private file: DiskFile | undefined;
  private records = 0;

  constructor(
    private readonly disk: Disk,
    private readonly path: string,
  ) {}

  /** In place of all that the file has. */
  replacing(state: HardState): DiskStep {
    return (next) => {
      const old = this.file;
      this.file = undefined;
      this.records = 1;
      const steps: DiskStep[] = old === undefined ? [] : [(closed) => old.close(closed)];
      steps.push((written) => this.disk.writeFileAtomic(this.path, encodeHardState(state), written));
      steps.push((opened) => this.open(opened));
      inTurn(steps, next);
    };
  }

  writing(state: HardState): DiskStep {
    const { file } = this;
    if (file === undefined || this.records >= RAFT_LOG_BOUNDS.hardStateRecords) return this.replacing(state);
    this.records++;
    const record = encodeHardState(state);
    return (next) => inTurn([(written) => file.append(record, written), (synced) => file.sync(synced)], next);
  }

  close(done: DiskCallback): void {
    const { file } = this;
    this.file = undefined;
    if (file === undefined) done(undefined);
    else file.close(done);
  }

  private open(next: DiskCallback): void {
    this.disk.open(this.path, { create: false }, (error, file) => {
      if (error === undefined) this.file = file;
      next(error);
    });
  }
}
