import type { StoreReport, StoreValues } from '#libs/commands';
import type { StoreFilter } from '#libs/filter';
import type { StoreShards } from './store-shards.js';

type FilterValueName = Extract<keyof StoreValues, `filter_${string}`>;

/** What this node knows of each of its stores. */
export function storeReports(stores: Iterable<StoreShards>): readonly StoreReport[] {
  return Array.from(stores, storeReport);
}

function storeReport({ definition, engine, entries, share, statistics, pressure }: StoreShards): StoreReport {
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
      ...filterValues(entries.filter),
    },
    latencyCounts: statistics.latency.counts,
  };
}

function filterValues(filter: StoreFilter | undefined): Pick<StoreValues, FilterValueName> {
  const stats = filter?.stats();
  return {
    filter_shards: stats?.shards ?? 0,
    filter_built_permille: stats === undefined ? 0 : stats.progress * stats.shards * 1000,
    filter_ready_shards: stats?.readyShards ?? 0,
    filter_rate_ppm: stats === undefined ? 0 : stats.estimatedRate * stats.readyShards * 1e6,
    filter_refused_shards: stats?.refusedShards ?? 0,
    filter_items: stats?.items ?? 0,
    filter_bytes: stats?.bytes ?? 0,
    filter_lookups: stats?.lookups ?? 0,
    filter_absent: stats?.negatives ?? 0,
    filter_false_positives: stats?.falsePositives ?? 0,
    filter_bypassed: stats?.bypassed ?? 0,
  };
}
