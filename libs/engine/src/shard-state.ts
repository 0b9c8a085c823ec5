/**
 * What the engine knows of each shard beside its pages: sixteen words per partition in one flat array, so that a look-up
 * touches one cache line and no object, and so that ten thousand empty partitions cost next to nothing.
 *
 * The pages of a shard's index and log are found through two tables in the arena, one pair of words per page: its
 * address and what the owner of the table keeps about it.
 */
import { type Arena, UNIT_WORDS } from './arena.js';

/** Words per shard in {@link ShardState.words}; a shard is named by the position of its first one. */
export const SHARD_WORDS = 16;
/** Address of the index's page table, or 0. */
export const INDEX_TABLE = 0;
/** Linear hashing: 2^level pages, of which the first `split` ones have been split already. */
export const INDEX_LEVEL = 1;
export const INDEX_SPLIT = 2;
export const ENTRIES = 3;
/** Address of the log's page table, or 0. */
export const LOG_TABLE = 4;
/** Page numbers given out so far, free ones included. */
export const LOG_PAGES = 5;
/** One more than the first free page number, or 0. */
export const LOG_FREE = 6;
/** Address of the log's second table, see page-table.ts, or 0. */
export const SIDE_TABLE = 7;
/** Bytes of live records in the log. */
export const LOG_LIVE = 8;
/** Entries that have an expiry. */
export const EXPIRING = 9;
/** Two words each, one per queue of pages: one more than the number of the page that takes new records, or 0. */
export const LOG_OPEN = 10;
/** One more than the number of the queue's oldest page, or 0. */
export const LOG_FIRST = 12;
/** One more than the number of the queue's newest page, or 0. */
export const LOG_LAST = 14;

export const PAIR_WORDS = 2;
const PAIRS_PER_UNIT = UNIT_WORDS / PAIR_WORDS;
/** A table has room for at most one eighth more than it needs. */
const SPARE_SHIFT = 3;

export class ShardState {
  readonly words: Uint32Array;

  constructor(
    private readonly arena: Arena,
    partitionCount: number,
  ) {
    this.words = new Uint32Array(partitionCount * SHARD_WORDS);
  }

  /**
   * Makes a table (INDEX_TABLE, LOG_TABLE or SIDE_TABLE) of `pairs` one of `wanted`; false where memory does not allow it,
   * which it always does for a smaller one.
   */
  resizeTable(shard: number, table: number, pairs: number, wanted: number): boolean {
    const oldUnits = tableUnits(pairs);
    const units = tableUnits(wanted);
    if (units === oldUnits) return true;
    const { arena, words } = this;
    const old = words[shard + table];
    if (units > 0 && units < oldUnits && arena.shorten(old, oldUnits, units)) return true;
    const address = units === 0 ? 0 : arena.allocate(units, oldUnits * UNIT_WORDS * 4);
    if (address === 0 && units !== 0) return false;
    if (old !== 0 && address !== 0) {
      const from = (old & arena.unitMask) * UNIT_WORDS;
      const source = arena.words[old >>> arena.unitShift];
      const target = arena.words[address >>> arena.unitShift];
      const length = Math.min(pairs, wanted) * PAIR_WORDS;
      target.set(source.subarray(from, from + length), (address & arena.unitMask) * UNIT_WORDS);
    }
    if (old !== 0) arena.free(old, oldUnits);
    words[shard + table] = address;
    return true;
  }
}

/** Units of a table of so many pairs. */
export function tableUnits(pairs: number): number {
  const units = Math.ceil(pairs / PAIRS_PER_UNIT);
  const step = units < 1 << (SPARE_SHIFT + 1) ? 1 : 1 << (31 - Math.clz32(units) - SPARE_SHIFT);
  return Math.ceil(units / step) * step;
}
