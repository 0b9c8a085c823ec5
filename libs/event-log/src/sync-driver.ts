/**
 * Makes durable what was written: one sync at a time, which covers all that was written before it began, segments that are
 * done with before the one that is being written. Appends go on meanwhile. After an error nothing that is not known to be
 * durable ever will be: whoever drives this leaves those segments (`abandon`) and begins a new one (Rebello et al., "Can
 * Applications Recover from fsync Failures?", 2020).
 */
import type { DiskError } from '#libs/ports';
import type { LogPosition } from './log-position.js';
import type { OpenSegment } from './open-segment.js';

export class SyncDriver {
  durableSegment: number;
  durableBytes: number;
  /** All up to this ticket is durable. */
  syncedTicket = 0;
  syncs = 0;
  /** Segments that are done with, and not known to be durable as a whole. */
  private readonly retiring: OpenSegment[] = [];
  private active: OpenSegment | undefined;
  private writtenTicket = 0;
  private isAskedAgain = false;
  /** The segment whose sync is under way, how far it is covered, and what is durable once all is. */
  private syncing: OpenSegment | undefined;
  private coveredBytes = 0;
  private coveredTicket = 0;

  constructor(
    durable: LogPosition,
    private readonly onSynced: () => void,
    private readonly onError: (error: DiskError) => void,
  ) {
    this.durableSegment = durable.segment;
    this.durableBytes = durable.bytes;
  }

  get isRunning(): boolean {
    return this.syncing !== undefined;
  }

  get hasRetiring(): boolean {
    return this.retiring.length > 0;
  }

  /** Up to here the log is durable. */
  get durable(): LogPosition {
    return { segment: this.durableSegment, bytes: this.durableBytes };
  }

  /** From now on this segment is written. The one before it is done with, and synced soon. */
  begin(segment: OpenSegment | undefined): void {
    const old = this.active;
    this.active = segment;
    if (old === undefined) return;
    if (old.syncedBytes < old.bytes) this.retiring.push(old);
    else old.close();
  }

  /** All up to this ticket lies in the segments. */
  wrote(ticket: number): void {
    this.writtenTicket = ticket;
  }

  /** Syncs what was written so far; where a sync is under way, once more after it. */
  request(): void {
    this.isAskedAgain = this.isRunning;
    if (!this.isRunning) this.run();
  }

  /** Nothing of what is not durable yet is waited for any more. */
  abandon(): void {
    for (const segment of this.retiring) segment.close();
    this.retiring.length = 0;
    this.active?.close();
    this.active = undefined;
    this.syncing = undefined;
    this.isAskedAgain = false;
  }

  /** Closes what is open, and calls back once the last segment is closed. */
  close(done: () => void): void {
    const { active } = this;
    this.active = undefined;
    this.abandon();
    if (active === undefined) done();
    else active.file.close(done);
  }

  private run(): void {
    // Where nothing is open there is nothing to sync, and what was abandoned is not durable.
    if (this.active === undefined && this.retiring.length === 0) return;
    this.coveredTicket = this.writtenTicket;
    this.syncNext();
  }

  private syncNext(): void {
    const segment = this.retiring[0] ?? this.active;
    if (segment === undefined || segment.syncedBytes === segment.bytes) return this.finish();
    this.syncing = segment;
    this.coveredBytes = segment.bytes;
    this.syncs++;
    segment.file.sync((error) => this.synced(segment, error));
  }

  private synced(segment: OpenSegment, error: DiskError | undefined): void {
    if (this.syncing !== segment) return;
    this.syncing = undefined;
    if (error !== undefined) return this.onError(error);
    segment.syncedBytes = this.coveredBytes;
    this.durableSegment = segment.number;
    this.durableBytes = this.coveredBytes;
    if (segment === this.active) return this.finish();
    // It may have grown after its sync had begun; then it is the next one again.
    if (segment.syncedBytes === segment.bytes) {
      this.retiring.shift();
      segment.close();
    }
    this.syncNext();
  }

  private finish(): void {
    if (this.coveredTicket > this.syncedTicket) this.syncedTicket = this.coveredTicket;
    const { isAskedAgain } = this;
    this.isAskedAgain = false;
    this.onSynced();
    if (isAskedAgain && !this.isRunning) this.run();
  }
}
