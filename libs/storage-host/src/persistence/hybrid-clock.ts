/**
 * Times of batches that only grow: a hybrid logical clock (Kulkarni et al., "Logical Physical Clocks", 2014), whose logical part
 * counts batches within one millisecond, or while the wall clock stands behind what has been seen.
 */

const MAX_LOGICAL = 0xffff;

export class HybridClock {
  wallMs = 0;
  logical = 0;

  /** The time of the next batch is then in {@link wallMs} and {@link logical}. */
  advance(nowMs: number): void {
    if (nowMs > this.wallMs) {
      this.wallMs = nowMs;
      this.logical = 0;
    } else if (this.logical < MAX_LOGICAL) this.logical++;
    else {
      this.wallMs++;
      this.logical = 0;
    }
  }

  /** Another has been there already: the next time is later than that. */
  witness(wallMs: number, logical: number): void {
    if (wallMs < this.wallMs || (wallMs === this.wallMs && logical <= this.logical)) return;
    this.wallMs = wallMs;
    this.logical = logical;
  }
}
