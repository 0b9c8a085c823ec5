import type { Clock } from '#libs/ports';

/** Unused allowance is kept for so long, so that chunks larger than a moment's share get their turn. */
const KEPT_MS = 1_000;

/**
 * How many bytes copies may send: a token bucket that may fall below zero by the last frame, since a frame is sent whole.
 * All copies of a node share one.
 */
export class CopyBudget {
  private tokens: number;
  private filledAtMs: number;

  constructor(
    /** 0 for no limit. */
    private readonly bytesPerSecond: number,
    private readonly clock: Clock,
  ) {
    this.tokens = (bytesPerSecond * KEPT_MS) / 1_000;
    this.filledAtMs = clock.monotonicMs();
  }

  /** Whether another frame may be sent now. */
  get isOpen(): boolean {
    if (this.bytesPerSecond === 0) return true;
    const nowMs = this.clock.monotonicMs();
    const most = (this.bytesPerSecond * KEPT_MS) / 1_000;
    this.tokens = Math.min(most, this.tokens + ((nowMs - this.filledAtMs) * this.bytesPerSecond) / 1_000);
    this.filledAtMs = nowMs;
    return this.tokens > 0;
  }

  spend(bytes: number): void {
    this.tokens -= bytes;
  }
}
