/** The reports of all storage nodes put together: one summary for each store. */
import { utf8Text } from '#libs/kernel';
import type { RespValue } from '#libs/resp';
import { LATENCY_UNIT_US, STORE_VALUE_NAMES, STORE_VALUES, type StoreValueName } from './store-report.js';

export class StoreSummary {
  /** Storage nodes that have reported. */
  nodes = 0;
  readonly values: Record<StoreValueName, number>;
  readonly latencyCounts: number[] = [];

  constructor() {
    this.values = Object.fromEntries(STORE_VALUE_NAMES.map((name) => [name, 0])) as Record<StoreValueName, number>;
  }

  get evicted(): number {
    const { evicted_pressure, evicted_limit, evicted_node } = this.values;
    return evicted_pressure + evicted_limit + evicted_node;
  }

  /** Share of the look-ups that found something; 0 where there were none. */
  get hitRatio(): number {
    return ratio(this.values.hits, this.values.hits + this.values.misses);
  }

  /** Share of the memory taken from the process that is free in pieces too small to use. */
  get fragmentation(): number {
    return ratio(this.values.fragmented_bytes, this.values.segment_bytes);
  }

  /** How far the filter's tables are built, from 0 to 1; 0 without a filter. */
  get filterProgress(): number {
    return ratio(this.values.filter_built_permille / 1000, this.values.filter_shards);
  }

  /** The share of absent keys that the filter, as it is filled at present, is expected not to see as such. */
  get filterEstimatedRate(): number {
    return ratio(this.values.filter_rate_ppm / 1e6, this.values.filter_ready_shards);
  }

  /** Microseconds within which a share of the operations was carried out, rounded up to a bucket; 0 where unknown. */
  latencyUs(quantile: number): number {
    const total = this.latencyCounts.reduce((sum, count) => sum + count, 0);
    if (total === 0) return 0;
    let rank = Math.max(1, Math.ceil(quantile * total));
    let bucket = 0;
    while (bucket < this.latencyCounts.length - 1 && rank > this.latencyCounts[bucket]) {
      rank -= this.latencyCounts[bucket++];
    }
    return LATENCY_UNIT_US * 2 ** bucket;
  }

  add(values: ReadonlyMap<string, number>, latencyCounts: readonly number[]): void {
    this.nodes++;
    for (const name of STORE_VALUE_NAMES) {
      const value = values.get(name) ?? 0;
      this.values[name] = STORE_VALUES[name] === 'max' ? Math.max(this.values[name], value) : this.values[name] + value;
    }
    latencyCounts.forEach((count, i) => (this.latencyCounts[i] = (this.latencyCounts[i] ?? 0) + count));
  }
}

export function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

/** By name of the store. A node that answered for several groups of its partitions counts once. */
export function summariesOf(reply: RespValue): ReadonlyMap<string, StoreSummary> {
  const summaries = new Map<string, StoreSummary>();
  const seen = new Set<string>();
  for (const node of listOf(reply)) {
    const [nodeId, stores] = listOf(node);
    const id = textOf(nodeId);
    if (seen.has(id)) continue;
    seen.add(id);
    for (const store of listOf(stores)) {
      const [name, values, latencyCounts] = listOf(store);
      const summary = summaries.get(textOf(name)) ?? new StoreSummary();
      summary.add(pairsOf(values), listOf(latencyCounts).map(Number));
      summaries.set(textOf(name), summary);
    }
  }
  return summaries;
}

function listOf(value: RespValue | undefined): readonly RespValue[] {
  return Array.isArray(value) ? (value as readonly RespValue[]) : [];
}

function textOf(value: RespValue | undefined): string {
  if (value instanceof Uint8Array) return utf8Text(value);
  return typeof value === 'string' ? value : '';
}

function pairsOf(value: RespValue | undefined): ReadonlyMap<string, number> {
  const flat = listOf(value);
  const pairs = new Map<string, number>();
  for (let i = 0; i + 1 < flat.length; i += 2) pairs.set(textOf(flat[i]), Number(flat[i + 1]));
  return pairs;
}
