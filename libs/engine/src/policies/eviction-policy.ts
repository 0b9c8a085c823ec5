/**
 * What an eviction policy is to the engine: it hears of every record that comes, is used, moves and goes, and says which
 * ones are to go next. It never removes anything itself: the visitor of {@link EvictionPolicy.evict} does, because a removal
 * is an event that the primary decides.
 *
 * A record is named by its shard (see ShardState) and its address in the shard's log. `bytes` and `at` say where its first
 * byte lies, whose two highest bits are the policy's (for a long entry, those of its stub), and so are the bytes in front.
 */

/** Which entries may be evicted: all, or those that have an expiry. */
export type EvictionScope = 'all' | 'volatile';

export interface PolicySettings {
  /** By default 'all'. */
  readonly scope?: EvictionScope;
}

/** Receives what should go; may remove just that entry. */
export type VictimVisitor = (partition: number, ref: number) => void;

export interface EvictionPolicy {
  /** How a record's page must be laid out: an index of FRONT_BYTES in page-table.ts. */
  readonly layout: number;
  /** Whether it keeps an account of every record, so that those of an earlier policy must be made known to it. */
  readonly mustLearn: boolean;
  /** A new record has been written; `nowMs` is the latest time that the engine has heard of. */
  inserted(shard: number, address: number, bytes: Uint8Array, at: number, nowMs: number): void;
  /** A record was read, or overwritten where it is. */
  hit(bytes: Uint8Array, at: number, nowMs: number): void;
  /** A record is about to become a hole; it still lies there. */
  removing(shard: number, address: number, bytes: Uint8Array, at: number): void;
  /**
   * Cleaning has moved a page's live records, fronts and all, in their order: those of `page` now lie in `target` (the same
   * page where it was only compacted) from `from` on; a record that had offset o has `offsets[o]`.
   */
  pageMoved(shard: number, page: number, target: number, from: number, offsets: Uint16Array): void;
  /** Offers up to `maxEntries` victims, in bounded work, and answers how many. */
  evict(maxEntries: number, nowMs: number, visit: VictimVisitor): number;
}
