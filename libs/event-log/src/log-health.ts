/** Whether the log takes what comes: what has failed last, and what is missing for good. */
import type { DiskError } from '#libs/ports';
import type { EventLogError } from './event-log-error.js';
import { RetryClock } from './retry-clock.js';

export class LogHealth {
  /** Since then no write has proved that the disk takes anything. */
  failure: DiskError | EventLogError | undefined;
  /** The detached segment that follows what is missing; 0 where the log is whole. */
  gapSegment = 0;
  /** This checkpoint, or a later one, has what was lost; 0 where nothing ever was. */
  neededCheckpoint = 0;
  private readonly retry = new RetryClock();

  get isRefusing(): boolean {
    return this.failure !== undefined || this.gapSegment !== 0;
  }

  mayTry(nowMs: number): boolean {
    return this.failure === undefined || this.retry.isDue(nowMs);
  }

  failed(error: DiskError | EventLogError, nowMs: number): void {
    this.failure = error;
    this.retry.failed(nowMs);
  }

  /** A write was synced. */
  proved(): void {
    this.failure = undefined;
    this.retry.succeeded();
  }

  /** Something is missing for good, between what there is and this segment. */
  lost(nextSegment: number, nextCheckpoint: number): void {
    this.gapSegment = nextSegment;
    this.neededCheckpoint = nextCheckpoint;
  }

  covered(checkpoint: number): void {
    if (checkpoint >= this.neededCheckpoint) this.gapSegment = 0;
  }
}
