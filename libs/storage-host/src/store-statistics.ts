import { LatencyHistogram } from './latency-histogram.js';

/**
 * Why an entry was evicted: the store was filling up (`pressure`), its own limit was lowered (`limit`), or the node has
 * less for it than it might use, because other stores have their share or the node's limit was lowered (`node`).
 */
export const EVICTION_CAUSES = ['pressure', 'limit', 'node'] as const;
export type EvictionCause = (typeof EVICTION_CAUSES)[number];

/** Counters of one store on this node since the store appeared here, or since they were reset: the hot path adds, others read. */
export class StoreStatistics {
  hits = 0;
  misses = 0;
  /** Entries written, new ones and over others. */
  sets = 0;
  deletes = 0;
  expired = 0;
  readonly evicted: Record<EvictionCause, number> = { pressure: 0, limit: 0, node: 0 };
  /** Writes refused for want of memory. */
  refusals = 0;
  /** Time per operation, averaged over the operations of the frame that it came in. */
  readonly latency = new LatencyHistogram();

  reset(): void {
    this.hits = 0;
    this.misses = 0;
    this.sets = 0;
    this.deletes = 0;
    this.expired = 0;
    this.refusals = 0;
    for (const cause of EVICTION_CAUSES) this.evicted[cause] = 0;
    this.latency.counts.fill(0);
  }
}
