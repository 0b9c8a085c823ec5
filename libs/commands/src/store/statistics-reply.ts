/** A store's statistics over all storage nodes as fields of a reply: HSTATS, STORE INFO, REST. */
import type { NearFilterFigures } from '../gateway-context.js';
import type { Field } from './definition-reply.js';
import { ratio, type StoreSummary } from './store-summary.js';

/** By level, see `pressure` in store-report.ts. */
export const PRESSURE_LEVELS = ['none', 'cleaning', 'evicting', 'back-pressure'] as const;

const RATIO_DIGITS = 4;
/** Rates may be as low as 0.0001. */
const RATE_DIGITS = 6;

export function statisticsFields(summary: StoreSummary): readonly Field[] {
  const { values } = summary;
  return [
    ['nodes', summary.nodes],
    ['items', values.items],
    ['expiring_items', values.expiring],
    ['used_bytes', values.used_bytes],
    ['limit_bytes', values.limit_bytes],
    ['used_ratio', ratioText(ratio(values.used_bytes, values.limit_bytes))],
    ['payload_bytes', values.payload_bytes],
    ['index_bytes', values.index_bytes],
    ['reclaimable_bytes', values.reclaimable_bytes],
    ['fragmentation_ratio', ratioText(summary.fragmentation)],
    ['pressure', PRESSURE_LEVELS[values.pressure] ?? String(values.pressure)],
    ['hits', values.hits],
    ['misses', values.misses],
    ['hit_ratio', ratioText(summary.hitRatio)],
    ['sets', values.sets],
    ['deletes', values.deletes],
    ['expired', values.expired],
    ['evicted', summary.evicted],
    ['evicted_pressure', values.evicted_pressure],
    ['evicted_limit', values.evicted_limit],
    ['evicted_node', values.evicted_node],
    ['refused_writes', values.refused_writes],
    ...filterStatistics(summary),
    ['latency_p50_us', String(summary.latencyUs(0.5))],
    ['latency_p99_us', String(summary.latencyUs(0.99))],
    ['latency_p999_us', String(summary.latencyUs(0.999))],
  ];
}

/** What the filter does; zeros without one. */
export function filterStatistics(summary: StoreSummary): readonly Field[] {
  const { values } = summary;
  return [
    ['filter_progress', ratioText(summary.filterProgress)],
    ['filter_items', values.filter_items],
    ['filter_bytes', values.filter_bytes],
    ['filter_refused_shards', values.filter_refused_shards],
    ['filter_estimated_rate', summary.filterEstimatedRate.toFixed(RATE_DIGITS)],
    ['filter_lookups', values.filter_lookups],
    ['filter_absent', values.filter_absent],
    ['filter_false_positives', values.filter_false_positives],
    ['filter_bypassed', values.filter_bypassed],
  ];
}

/** Of a gateway that keeps no copies. */
export const NO_NEAR_FILTER: NearFilterFigures = { hits: 0, copies: 0, bytes: 0, refreshes: 0 };

/** What the gateway that answers does with its copies of the filter; zeros without them. */
export function nearFilterStatistics({ hits, copies, bytes, refreshes }: NearFilterFigures): readonly Field[] {
  return [
    ['near_filter_hits', hits],
    ['near_filter_copies', copies],
    ['near_filter_bytes', bytes],
    ['near_filter_refreshes', refreshes],
  ];
}

export function ratioText(value: number): string {
  return value.toFixed(RATIO_DIGITS);
}
