const SMALLEST_MS = 0.0005;
const BUCKETS = 24;

/**
 * Times in buckets of powers of two, from half a microsecond to four seconds: two words a bucket answer any
 * quantile within a factor of two, for ever, without keeping samples (the simplest of HdrHistogram's family).
 */
export class LatencyHistogram {
  readonly counts = new Float64Array(BUCKETS);

  /** Notes that `count` operations took `ms` each. */
  record(ms: number, count: number): void {
    const units = Math.min(ms / SMALLEST_MS, 2 ** BUCKETS);
    const bucket = 32 - Math.clz32(units);
    this.counts[Math.min(bucket, BUCKETS - 1)] += count;
  }

  /** The time that a share `quantile` (0 to 1) of the operations did not exceed, in milliseconds; 0 where none was noted. */
  quantileMs(quantile: number): number {
    let total = 0;
    for (const count of this.counts) total += count;
    if (total === 0) return 0;
    let rank = Math.max(1, Math.ceil(quantile * total));
    let bucket = 0;
    while (bucket < BUCKETS - 1 && rank > this.counts[bucket]) rank -= this.counts[bucket++];
    return SMALLEST_MS * 2 ** bucket;
  }
}
