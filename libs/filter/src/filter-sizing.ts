/**
 * How large a shard's table is and how wide its slots are, so that a store as a whole has the false-positive rate that
 * is configured for it with the fewest bits.
 *
 * A table's own rate grows with its load, and each bit more halves it; so one table alone meets a given rate only by
 * chance. A store has hundreds. Their sizes are staggered: at any number of items, loads are spread evenly (by their
 * logarithm) between two growth steps, and the mean rate stays the same while the store grows. And where the rate lies
 * between those of b and b + 1 bits, a part of the shards has b and the rest b + 1.
 *
 * Both depend on the partition's number alone, by two additive recurrences (the plastic number's, Roberts 2018) which
 * together fill the unit square evenly, so that sizes and widths are independent of each other.
 */
import { assert } from '#libs/kernel';
import { falsePositiveRate } from './cuckoo-table.js';

export const MIN_RATE = 0.0001;
export const MAX_RATE = 0.1;
export const DEFAULT_RATE = 0.01;

/** A table is replaced by a larger one from this load on; it goes on to take some 5 % more meanwhile. */
const GROW_LOAD = 0.88;
const GROWTH = 1.25;
/** A table so many steps too large is replaced. */
const SHRINK_LEVELS = 4;
const SMALLEST_SLOTS = 16;
/** The mean load of tables that are spread evenly over a growth step. */
const MEAN_LOAD = (GROW_LOAD - GROW_LOAD / GROWTH) / Math.log(GROWTH);

const NARROWEST_BITS = 5;
/** Beyond so many slots, the few fingerprints of five bits do not lead to all free slots at the load that is meant. */
const NARROWEST_SLOTS = 2 ** 14;
const LARGE_BITS = 6;
/** With fewer shards than this a mixture of widths means nothing; all get the wider one. */
const MIN_MIXED_SHARDS = 32;

const SIZE_STEP = 0.7548776662466927;
const WIDTH_STEP = 0.5698402909980532;

export class FilterSizing {
  private readonly narrowShare: number;
  private readonly wideBits: number;

  constructor(
    readonly rate: number,
    partitionCount: number,
  ) {
    assert(rate >= MIN_RATE && rate <= MAX_RATE, 'false-positive rate out of range');
    let bits = NARROWEST_BITS;
    while (falsePositiveRate(MEAN_LOAD, bits) > rate) bits++;
    const wide = falsePositiveRate(MEAN_LOAD, bits);
    const narrow = falsePositiveRate(MEAN_LOAD, bits - 1);
    const isMixed = partitionCount >= MIN_MIXED_SHARDS && bits > NARROWEST_BITS;
    this.wideBits = bits;
    this.narrowShare = isMixed ? (rate - wide) / (narrow - wide) : 0;
  }

  /** Slots of a shard's table at a level; levels are growth steps, from 0. */
  slotsAt(partition: number, level: number): number {
    return Math.round(SMALLEST_SLOTS * GROWTH ** (level + spread(partition, SIZE_STEP)));
  }

  bitsOf(partition: number, slots: number): number {
    const bits = spread(partition, WIDTH_STEP) < this.narrowShare ? this.wideBits - 1 : this.wideBits;
    return slots > NARROWEST_SLOTS ? Math.max(bits, LARGE_BITS) : bits;
  }

  /** The lowest level at which so many items do not ask for a larger table. */
  levelFor(partition: number, items: number): number {
    const estimate = Math.log(items / (GROW_LOAD * SMALLEST_SLOTS)) / Math.log(GROWTH);
    let level = Math.max(Math.floor(estimate) - 1, 0);
    while (this.capacityAt(partition, level) < items) level++;
    return level;
  }

  /** Items beyond which a table of this level is to be replaced by a larger one. */
  capacityAt(partition: number, level: number): number {
    return Math.floor(this.slotsAt(partition, level) * GROW_LOAD);
  }

  /** Items below which a table of this level is to be replaced by a smaller one. */
  shrinkBelow(partition: number, level: number): number {
    return level < SHRINK_LEVELS ? 0 : this.capacityAt(partition, level - SHRINK_LEVELS);
  }
}

/** A number from 0 to below 1: the partition's term of an additive recurrence. */
function spread(partition: number, step: number): number {
  return (0.5 + partition * step) % 1;
}
