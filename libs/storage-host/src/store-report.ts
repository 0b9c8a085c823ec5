import type { StoreReport } from '#libs/commands';
import type { StoreShards } from './store-shards.js';

/** What this node knows of each of its stores. */
export function storeReports(stores: Iterable<StoreShards>): readonly StoreReport[] {
  return Array.from(stores, storeReport);
}

function storeReport({ definition, engine, share, statistics, pressure }: StoreShards): StoreReport {
  const totals = engine.stats();
  return {
    name: definition.name,
    values: {
      items: totals.entries,
      expiring: totals.expiring,
      used_bytes: totals.usedBytes,
      limit_bytes: share.targetBytes,
      payload_bytes: totals.payloadBytes,
      index_bytes: totals.indexBytes,
      reclaimable_bytes: totals.reclaimableBytes,
      segment_bytes: totals.segmentBytes,
      fragmented_bytes: totals.fragmentation * totals.segmentBytes,
      hits: statistics.hits,
      misses: statistics.misses,
      sets: statistics.sets,
      deletes: statistics.deletes,
      expired: statistics.expired,
      evicted_pressure: statistics.evicted.pressure,
      evicted_limit: statistics.evicted.limit,
      evicted_node: statistics.evicted.node,
      refused_writes: statistics.refusals,
      pressure,
    },
    latencyCounts: statistics.latency.counts,
  };
}
