import { EVENT_LOG_BOUNDS } from './bounds.js';

/** When a failed step may be tried again: after a wait that doubles with each failure. Times are the host's ticks. */
export class RetryClock {
  private waitMs = 0;
  private atMs = 0;

  isDue(nowMs: number): boolean {
    return nowMs >= this.atMs;
  }

  failed(nowMs: number): void {
    const { firstRetryMs, lastRetryMs } = EVENT_LOG_BOUNDS;
    this.waitMs = this.waitMs === 0 ? firstRetryMs : Math.min(2 * this.waitMs, lastRetryMs);
    this.atMs = nowMs + this.waitMs;
  }

  succeeded(): void {
    this.waitMs = 0;
    this.atMs = 0;
  }
}
