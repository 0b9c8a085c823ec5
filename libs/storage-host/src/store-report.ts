import type { StoreReport } from '#libs/commands';
import type { StoreShards } from './store-shards.js';

/** What this node knows of each of its stores. */
export function storeReports(stores: Iterable<StoreShards>): readonly StoreReport[] {
  return Array.from(stores, storeReport);
}

function storeReport({ definition, engine }: StoreShards): StoreReport {
  const totals = engine.stats();
  return {
    name: definition.name,
    values: {
      items: totals.entries,
      expiring: totals.expiring,
      used_bytes: totals.usedBytes,
      limit_bytes: totals.limitBytes,
      payload_bytes: totals.payloadBytes,
      index_bytes: totals.indexBytes,
      reclaimable_bytes: totals.reclaimableBytes,
      segment_bytes: totals.segmentBytes,
      fragmented_bytes: totals.fragmentation * totals.segmentBytes,
      hits: 0,
      misses: 0,
      sets: 0,
      deletes: 0,
      expired: 0,
      evicted_pressure: 0,
      evicted_limit: 0,
      evicted_node: 0,
      refused_writes: 0,
      pressure: engine.pressure,
    },
    latencyCounts: [],
  };
}
