import type { Clock } from '#libs/ports';

/** Wall-clock milliseconds that never go back, whatever the clock does: expiry and versions go by them. */
export class ShardClock {
  private lastMs = 0;

  constructor(private readonly clock: Clock) {}

  nowMs(): number {
    const wallMs = Math.floor(this.clock.wallMs());
    if (wallMs > this.lastMs) this.lastMs = wallMs;
    return this.lastMs;
  }
}
