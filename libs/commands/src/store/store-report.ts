/** What a storage node knows of a store, as numbers that a gateway puts together over all nodes. */

/** How the values of several nodes become one. */
export const STORE_VALUES = {
  items: 'sum',
  expiring: 'sum',
  used_bytes: 'sum',
  /** What the store may use at present: its own limit, or its share of the node. */
  limit_bytes: 'sum',
  /** Keys and values alone. */
  payload_bytes: 'sum',
  index_bytes: 'sum',
  /** What cleaning can give back. */
  reclaimable_bytes: 'sum',
  /** Taken from the process. */
  segment_bytes: 'sum',
  /** Free in pieces too small for nearly all that is stored. */
  fragmented_bytes: 'sum',
  hits: 'sum',
  misses: 'sum',
  sets: 'sum',
  deletes: 'sum',
  expired: 'sum',
  evicted_pressure: 'sum',
  evicted_limit: 'sum',
  evicted_node: 'sum',
  refused_writes: 'sum',
  /** Shards that the filter is to answer for, and, in thousandths of a shard, how far their tables are built. */
  filter_shards: 'sum',
  filter_built_permille: 'sum',
  /** Shards that have a table; of these, the chance that an absent key is not seen as such, in millionths, added up. */
  filter_ready_shards: 'sum',
  filter_rate_ppm: 'sum',
  filter_refused_shards: 'sum',
  filter_items: 'sum',
  filter_bytes: 'sum',
  /** Look-ups that asked the filter, those it answered by "absent", those it could have, and those that passed it by. */
  filter_lookups: 'sum',
  filter_absent: 'sum',
  filter_false_positives: 'sum',
  filter_bypassed: 'sum',
  /** 0 none, 1 cleaning, 2 evicting in the background, 3 writes evict first. */
  pressure: 'max',
} as const satisfies Record<string, 'sum' | 'max'>;

export type StoreValueName = keyof typeof STORE_VALUES;
export type StoreValues = Readonly<Record<StoreValueName, number>>;

/** One store on one storage node. */
export interface StoreReport {
  readonly name: string;
  readonly values: StoreValues;
  /**
   * Operations by the time that they took: bucket `i` counts those up to {@link LATENCY_UNIT_US} × 2^i microseconds.
   * Empty where times are not measured.
   */
  readonly latencyCounts: ArrayLike<number>;
}

/** Upper bound of the first latency bucket, in microseconds. */
export const LATENCY_UNIT_US = 0.5;

export const STORE_VALUE_NAMES = Object.keys(STORE_VALUES) as StoreValueName[];
