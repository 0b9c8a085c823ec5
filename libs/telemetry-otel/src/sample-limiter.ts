/**
 * Decides which operations are traced: a token bucket of `samplesPerSecond` that holds one second's worth (and at
 * least one), so that a quiet system traces everything and a busy one a bounded number. `ratio` thins out first.
 */
export class SampleLimiter {
  private readonly capacity: number;
  private tokens: number;
  private lastMs = Number.NaN;
  /** Grows by `ratio` per call; each whole number is one candidate. No randomness is needed for an even share. */
  private share = 0;

  constructor(
    private readonly samplesPerSecond: number,
    private readonly ratio = 1,
  ) {
    this.capacity = samplesPerSecond > 0 ? Math.max(1, samplesPerSecond) : 0;
    this.tokens = this.capacity;
  }

  take(nowMs: number): boolean {
    this.share += this.ratio;
    if (this.share < 1) return false;
    this.share -= Math.floor(this.share);
    this.refill(nowMs);
    if (this.tokens < 1) return false;
    this.tokens--;
    return true;
  }

  private refill(nowMs: number): void {
    const elapsedMs = nowMs - this.lastMs;
    if (elapsedMs > 0) this.tokens = Math.min(this.capacity, this.tokens + (elapsedMs * this.samplesPerSecond) / 1_000);
    this.lastMs = nowMs;
  }
}
