/**
 * Tells an outage of the bus from failures of members: where most of them fell silent within one interval, the way to
 * them has failed more likely than they have. Then everybody starts afresh, once: members that stay silent after that
 * are judged like any others, until a majority has been heard again.
 */

/** One interval is the time in which members that live are heard; a part of it more for what comes late. */
const SPREAD_INTERVALS = 1.25;
/** Of fewer members nothing can be said. */
const LEAST_SILENT = 2;

export class OutageGuard {
  /** Outages noticed, since the start. */
  outages = 0;
  private isArmed = false;

  constructor(private readonly intervalMs: number) {}

  /**
   * Looks at the members in use: how many there are, how many of them keep their rhythm since the last fresh start, and
   * when those that are suspicious were heard last. True: start afresh.
   */
  isOutage(memberCount: number, heardCount: number, silentSinceMs: readonly number[]): boolean {
    const majority = Math.floor(memberCount / 2) + 1;
    if (heardCount >= majority) this.isArmed = true;
    const least = Math.max(majority, LEAST_SILENT);
    if (!this.isArmed || silentSinceMs.length < least || !this.liesClose(silentSinceMs, least)) return false;
    this.isArmed = false;
    this.outages++;
    return true;
  }

  /** Whether so many of the times lie within one interval. */
  private liesClose(timesMs: readonly number[], count: number): boolean {
    const sorted = timesMs.toSorted((a, b) => a - b);
    const spreadMs = SPREAD_INTERVALS * this.intervalMs;
    return sorted.some((timeMs, i) => i + count <= sorted.length && sorted[i + count - 1] - timeMs <= spreadMs);
  }
}
