/**
 * Decides which operations are traced: a token bucket of `samplesPerSecond` that holds one second's worth (and at
 * least one), so that a quiet system traces everything and a busy one a bounded number. `ratio` thins out first.
 */
export class SampleLimiter {
  private samplesPerSecond = 0;
  private capacity = 0;
  private tokens: number;
  private lastMs = Number.NaN;
  /** Grows by `ratio` per call; each whole number is one candidate. No randomness is needed for an even share. */
  private share = 0;

  constructor(
    samplesPerSecond: number,
    private readonly ratio = 1,
  ) {
    this.setRate(samplesPerSecond);
    this.tokens = this.capacity;
  }

  /** From the next operation on. */
  setRate(samplesPerSecond: number): void {
    this.samplesPerSecond = samplesPerSecond;
    this.capacity = samplesPerSecond > 0 ? Math.max(1, samplesPerSecond) : 0;
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
    const gained = elapsedMs > 0 ? (elapsedMs * this.samplesPerSecond) / 1_000 : 0;
    this.tokens = Math.min(this.capacity, this.tokens + gained);
    this.lastMs = nowMs;
  }
}
