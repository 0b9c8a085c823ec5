/** Upper bounds of the latency histogram's buckets, in seconds; a last bucket takes the rest. */
export const LATENCY_BUCKETS_SECONDS = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5,
] as const;

const BUCKETS = LATENCY_BUCKETS_SECONDS.length + 1;
const BOUNDS_MS = Float64Array.from(LATENCY_BUCKETS_SECONDS, (seconds) => seconds * 1000);

/**
 * Counters of a gateway as plain numbers and typed arrays: the hot path adds, the metrics adapter reads them when it is
 * scraped. Rows are command ids.
 */
export class GatewayStatistics {
  readonly requests: Float64Array;
  readonly errors: Float64Array;
  /** Row-major: command id × latency bucket, of commands that storage nodes answered. */
  readonly latencyCounts: Float64Array;
  readonly latencySumSeconds: Float64Array;
  connectionsOpened = 0;
  connectionsOpen = 0;
  connectionsRefused = 0;
  protocolErrors = 0;
  bytesIn = 0;
  bytesOut = 0;
  /** Operations that had no answer within the deadline. */
  timeouts = 0;
  /** Operations that were sent again after a definite non-execution. */
  retries = 0;
  /** Operations answered with CLUSTERDOWN. */
  clusterDown = 0;
  malformedFrames = 0;
  framesIn = 0;
  framesOut = 0;
  slowClientsClosed = 0;

  constructor(readonly commandIds: number) {
    this.requests = new Float64Array(commandIds);
    this.errors = new Float64Array(commandIds);
    this.latencyCounts = new Float64Array(commandIds * BUCKETS);
    this.latencySumSeconds = new Float64Array(commandIds);
  }

  observeLatency(commandId: number, ms: number): void {
    let bucket = 0;
    while (bucket < BUCKETS - 1 && ms > BOUNDS_MS[bucket]) bucket++;
    this.latencyCounts[commandId * BUCKETS + bucket]++;
    this.latencySumSeconds[commandId] += ms / 1000;
  }

  totalRequests(): number {
    let total = 0;
    for (const count of this.requests) total += count;
    return total;
  }

  reset(): void {
    this.requests.fill(0);
    this.errors.fill(0);
    this.latencyCounts.fill(0);
    this.latencySumSeconds.fill(0);
    this.connectionsOpened = 0;
    this.connectionsRefused = 0;
  }
}
