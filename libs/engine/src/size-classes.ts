/**
 * The size classes of the arena's free lists: which class a free block of `units` belongs to, and the first class
 * whose every block serves a request. Two levels as in TLSF (Masmano et al., "TLSF: a new dynamic memory allocator
 * for real-time systems", ECRTS 2004): below 64 units one class per size, so small blocks fit exactly; above, 32 classes per
 * power of two. A bitmap per level finds the first class with blocks in two instructions, whatever the number of blocks.
 */
const SUBCLASS_BITS = 5;
const SUBCLASSES = 1 << SUBCLASS_BITS;
/** Below this many units every size is a class of its own; these take the first two rows. */
const EXACT_UNITS = 64;
/** Enough for blocks of 2^31 units, and fewer than the 32 bits of the row bitmap. */
const ROWS = 28;
export const CLASS_COUNT = ROWS * SUBCLASSES;

/** The class that a free block of this size is kept in. */
export function classOfBlock(units: number): number {
  if (units < EXACT_UNITS) return units;
  const power = 31 - Math.clz32(units);
  return ((power - SUBCLASS_BITS) << SUBCLASS_BITS) + (units >>> (power - SUBCLASS_BITS));
}

/** The smallest block of a class. */
export function unitsOfClass(sizeClass: number): number {
  if (sizeClass < EXACT_UNITS) return sizeClass;
  const power = (sizeClass >>> SUBCLASS_BITS) + SUBCLASS_BITS - 1;
  return (SUBCLASSES + (sizeClass & (SUBCLASSES - 1))) << (power - SUBCLASS_BITS);
}

/** The first class all of whose blocks hold at least `units`. */
export function classForRequest(units: number): number {
  if (units < EXACT_UNITS) return units;
  const power = 31 - Math.clz32(units);
  return classOfBlock(units + (1 << (power - SUBCLASS_BITS)) - 1);
}

/** A set of classes with O(1) "first member at or after". */
export class ClassSet {
  private rows = 0;
  private readonly members = new Int32Array(ROWS);

  add(sizeClass: number): void {
    const row = sizeClass >>> SUBCLASS_BITS;
    this.members[row] |= 1 << (sizeClass & (SUBCLASSES - 1));
    this.rows |= 1 << row;
  }

  remove(sizeClass: number): void {
    const row = sizeClass >>> SUBCLASS_BITS;
    this.members[row] &= ~(1 << (sizeClass & (SUBCLASSES - 1)));
    if (this.members[row] === 0) this.rows &= ~(1 << row);
  }

  /** -1 where no class at or after this one is a member. */
  firstFrom(sizeClass: number): number {
    const row = sizeClass >>> SUBCLASS_BITS;
    const inRow = this.members[row] & (-1 << (sizeClass & (SUBCLASSES - 1)));
    if (inRow !== 0) return (row << SUBCLASS_BITS) + lowestBit(inRow);
    const laterRows = this.rows & (-1 << (row + 1));
    if (laterRows === 0) return -1;
    const next = lowestBit(laterRows);
    return (next << SUBCLASS_BITS) + lowestBit(this.members[next]);
  }
}

function lowestBit(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}
