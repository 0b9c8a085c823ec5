import type { Clock } from '#libs/ports';

/** Elections that a pause may stand for: more ticks than these say nothing new, leases have ended long before. */
const MAX_ELECTIONS_AT_ONCE = 4;

/** Ticks of a monotonic clock. After a pause all that have passed are due at once, up to a bound. */
export class TickSource {
  private readonly startMs: number;
  private readonly maxAtOnce: number;
  private delivered = 0;

  constructor(
    private readonly clock: Clock,
    private readonly tickMs: number,
    electionTicks: number,
  ) {
    this.startMs = clock.monotonicMs();
    this.maxAtOnce = MAX_ELECTIONS_AT_ONCE * electionTicks;
  }

  /** How many ticks to deliver now; they count as delivered. */
  due(): number {
    const passed = Math.floor((this.clock.monotonicMs() - this.startMs) / this.tickMs);
    const due = Math.min(passed - this.delivered, this.maxAtOnce);
    this.delivered = passed;
    return due;
  }
}
