/** What a store's filter is and does on this node. */
export interface FilterStats {
  readonly enabled: boolean;
  /** Shards that the filter is to answer for. */
  readonly shards: number;
  /** Of these, those that it answers for. */
  readonly readyShards: number;
  /** Those whose next table the limit has no room for: no table answers for them, or one that cannot grow. */
  readonly refusedShards: number;
  /** Share of the shards that answer, from 0 to 1, with the part that is built of the next one. */
  readonly progress: number;
  readonly items: number;
  /** What the tables take from the store's limit. */
  readonly bytes: number;
  /** Items per slot. */
  readonly loadFactor: number;
  /** Bits per slot, as the mean over all of them: shards differ by one. */
  readonly fingerprintBits: number;
  readonly configuredRate: number;
  /** As the present load makes one expect, the mean over the shards that answer. */
  readonly estimatedRate: number;
  /** Look-ups that a table answered, by "absent" or "maybe". */
  readonly lookups: number;
  /** Look-ups answered by "absent": misses that did not reach the index. */
  readonly negatives: number;
  /** Look-ups that passed the filter by, because too few miss at present for it to be worth asking. */
  readonly bypassed: number;
  /** "Maybe" for a key that was not there. */
  readonly falsePositives: number;
  /** Tables completed. */
  readonly rebuilds: number;
  /** Tables that filled up before their successors were ready; their shards answered "maybe" until then. */
  readonly overflows: number;
}

/** What a filter has decided: the part of {@link FilterStats} that costs nothing to read. */
export type FilterDecisions = Pick<FilterStats, 'lookups' | 'negatives' | 'bypassed' | 'falsePositives'>;
