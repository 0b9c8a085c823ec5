/**
 * Off-heap memory in segments: allocates and frees blocks in O(1) and merges free neighbours at once.
 *
 * An address is a count of 64-byte units, below 2^31 so that V8 keeps it unboxed (128 GiB per arena): segment number,
 * then unit within the segment. 0 is no address. A used block has no header at all: whoever frees it knows its size.
 * Instead each segment begins with a bitmap in which the first and the last unit of every free block are set, and a
 * free block carries its size at both ends, so that a freed block finds free neighbours on either side. That costs
 * 1/512 of the memory.
 *
 *     free block: size u32 | next u32 | prev u32 | ... | size u32
 *
 * Blocks beyond half a segment get a segment of their own of exactly their size. Empty segments are given back, but one.
 */
import { assert } from '#libs/kernel';
import type { MemoryBudget } from './memory-budget.js';
import { CLASS_COUNT, ClassSet, classForRequest, classOfBlock, unitsOfClass } from './size-classes.js';

export const UNIT_BYTES = 64;
/** 32-bit words per unit. */
export const UNIT_WORDS = UNIT_BYTES / 4;
const ADDRESS_BITS = 31;
export const MIN_SEGMENT_BYTES = 4096;
const MAX_SEGMENT_BYTES = 256 * 1024 * 1024;
/** Units that a unit of bitmap covers. */
const BITMAP_RATIO = UNIT_BYTES * 8;
/** Blocks of the request's own class, which may be too small, that are tried before a new segment is taken. */
const MAX_TRIES = 8;
/** Allocations after which it is looked at again whether small rests are to be avoided. */
const REVIEW_EVERY = 256;
/** They are from this share of all memory on: 0.5 %. */
const REST_SHARE = 1 / 200;
/** A free block is of use where it has room for more than this share of the blocks, the smallest ones, that are in use. */
const USEFUL_SHARE = 1 / 100;
const NO_BYTES = new Uint8Array(0);
const NO_WORDS = new Uint32Array(0);

export class Arena {
  /** Per segment its memory as bytes and as 32-bit words. Number 0 is never used, so no address is 0. */
  readonly bytes: Uint8Array[] = [NO_BYTES];
  readonly words: Uint32Array[] = [NO_WORDS];
  /** segment = address >>> unitShift; unit in it = address & unitMask. */
  readonly unitShift: number;
  readonly unitMask: number;

  /** Part of the used bytes that the segments' bitmaps take. */
  bitmapBytes = 0;

  private readonly segmentUnits: number;
  private readonly firstUnit: number;
  private readonly largestShared: number;
  private readonly heads = new Uint32Array(CLASS_COUNT);
  private readonly freeUnitsOfClass = new Float64Array(CLASS_COUNT);
  /** Shared blocks in use, by size. */
  private readonly blocksOfClass = new Uint32Array(CLASS_COUNT);
  private readonly classes = new ClassSet();
  /** What must be left of a free block that does not fit exactly, in units; 0 while small rests are few. */
  private leastRest = 0;
  private untilReview = REVIEW_EVERY;
  private readonly vacantSegments: number[] = [];
  private emptySegments = 0;

  constructor(
    readonly segmentBytes: number,
    private readonly budget: MemoryBudget,
  ) {
    assert(segmentBytes >= MIN_SEGMENT_BYTES && segmentBytes <= MAX_SEGMENT_BYTES, 'segment size out of range');
    assert((segmentBytes & (segmentBytes - 1)) === 0, 'segment size must be a power of two');
    this.segmentUnits = segmentBytes / UNIT_BYTES;
    this.firstUnit = Math.ceil(this.segmentUnits / BITMAP_RATIO);
    this.largestShared = this.segmentUnits / 2;
    this.unitShift = 31 - Math.clz32(this.segmentUnits);
    this.unitMask = this.segmentUnits - 1;
  }

  /**
   * The address of a block of `units`, or 0 where the limit (or the machine) does not allow it. `creditBytes` is what
   * the caller frees right afterwards: an exchange that does not grow passes the limit, unless it needs a new segment, for
   * whose bitmap there is no room. Where the limit has been lowered below what is used, it passes with the bitmap, since
   * cleaning must go on.
   */
  allocate(units: number, creditBytes = 0): number {
    if (units > this.largestShared) return this.allocateDedicated(units, creditBytes);
    if (--this.untilReview === 0) this.reviewRests();
    const bytes = units * UNIT_BYTES;
    const found = this.findFree(units);
    const extra = found === 0 ? bytes + this.firstUnit * UNIT_BYTES : bytes;
    const { budget } = this;
    if (!budget.allows(extra, bytes <= creditBytes && budget.isExceeded ? extra : creditBytes)) return 0;
    const address = found === 0 ? this.addSegment() : found;
    if (address === 0) return 0;
    this.carve(address, units);
    this.blocksOfClass[classOfBlock(units)]++;
    budget.usedBytes += bytes;
    return address;
  }

  /** Frees the end of a block in place; false for one that has a segment of its own. */
  shorten(address: number, oldUnits: number, units: number): boolean {
    if (oldUnits > this.largestShared) return false;
    // To free the end as a block of its own, it is counted as one first.
    this.blocksOfClass[classOfBlock(oldUnits)]--;
    this.blocksOfClass[classOfBlock(units)]++;
    this.blocksOfClass[classOfBlock(oldUnits - units)]++;
    this.free(address + units, oldUnits - units);
    return true;
  }

  /** Gives back a block; `units` must be what it was allocated with. */
  free(address: number, units: number): void {
    this.budget.usedBytes -= units * UNIT_BYTES;
    if (units > this.largestShared) {
      this.dropSegment(address >>> this.unitShift, units * UNIT_BYTES);
      return;
    }
    this.blocksOfClass[classOfBlock(units)]--;
    const segment = address >>> this.unitShift;
    const words = this.words[segment];
    let start = address & this.unitMask;
    let end = start + units;
    if (isMarked(words, start - 1)) {
      start -= words[UNIT_WORDS * start - 1];
      this.takeOut(words, start, segment);
    }
    if (end < this.segmentUnits && isMarked(words, end)) {
      const next = end;
      end += words[UNIT_WORDS * next];
      this.takeOut(words, next, segment);
    }
    const whole = start === this.firstUnit && end === this.segmentUnits;
    if (whole && this.emptySegments > 0) {
      this.bitmapBytes -= this.firstUnit * UNIT_BYTES;
      this.budget.usedBytes -= this.firstUnit * UNIT_BYTES;
      this.dropSegment(segment, this.segmentBytes);
      return;
    }
    if (whole) this.emptySegments++;
    this.putIn(words, start, end - start, segment);
  }

  /**
   * Free bytes in pieces so small that 99 % of the blocks in use would not fit there (not all of them: one tiny block
   * must not make every piece count as useful).
   */
  unusableBytes(): number {
    const end = this.firstUsefulClass();
    let units = 0;
    for (let sizeClass = 0; sizeClass < end; sizeClass++) units += this.freeUnitsOfClass[sizeClass];
    return units * UNIT_BYTES;
  }

  /** The class of the smallest blocks in use, but for 1 % of them; 0 where none are in use. */
  private firstUsefulClass(): number {
    let blocks = 0;
    for (const count of this.blocksOfClass) blocks += count;
    let smaller = 0;
    for (let sizeClass = 0; sizeClass < CLASS_COUNT; sizeClass++) {
      smaller += this.blocksOfClass[sizeClass];
      if (smaller > blocks * USEFUL_SHARE) return sizeClass;
    }
    return 0;
  }

  private reviewRests(): void {
    this.untilReview = REVIEW_EVERY;
    const isCrowded = this.unusableBytes() > this.budget.reservedBytes * REST_SHARE;
    this.leastRest = isCrowded ? unitsOfClass(this.firstUsefulClass()) : 0;
  }

  /**
   * A free block of at least `units`, or 0. Small rests are what fragments the memory: while they are many, a block is taken
   * that fits exactly or leaves enough for another one.
   */
  private findFree(units: number): number {
    const { classes, heads } = this;
    const nearest = classes.firstFrom(classForRequest(units));
    if (nearest >= 0) {
      if (this.leastRest === 0 || nearest === classOfBlock(units)) return heads[nearest];
      const roomy = classes.firstFrom(classForRequest(units + this.leastRest));
      return heads[roomy >= 0 ? roomy : nearest];
    }
    let address = this.heads[classOfBlock(units)];
    for (let tries = 0; address !== 0 && tries < MAX_TRIES; tries++) {
      const words = this.words[address >>> this.unitShift];
      const at = UNIT_WORDS * (address & this.unitMask);
      if (words[at] >= units) return address;
      address = words[at + 1];
    }
    return 0;
  }

  private allocateDedicated(units: number, creditBytes: number): number {
    const bytes = units * UNIT_BYTES;
    if (!this.budget.allows(bytes, creditBytes)) return 0;
    const segment = this.takeSegment(bytes);
    if (segment === 0) return 0;
    this.budget.usedBytes += bytes;
    return segment << this.unitShift;
  }

  /** The address of a new segment's one free block, or 0. */
  private addSegment(): number {
    const segment = this.takeSegment(this.segmentBytes);
    if (segment === 0) return 0;
    const bitmapBytes = this.firstUnit * UNIT_BYTES;
    this.bitmapBytes += bitmapBytes;
    this.budget.usedBytes += bitmapBytes;
    this.emptySegments++;
    this.putIn(this.words[segment], this.firstUnit, this.segmentUnits - this.firstUnit, segment);
    return (segment << this.unitShift) + this.firstUnit;
  }

  /** The number of a segment with fresh memory, or 0 where there is none. */
  private takeSegment(bytes: number): number {
    const segment =
      this.vacantSegments.length > 0 ? this.vacantSegments[this.vacantSegments.length - 1] : this.bytes.length;
    if (segment >= 2 ** (ADDRESS_BITS - this.unitShift)) return 0;
    const memory = tryAllocate(bytes);
    if (memory === undefined) return 0;
    if (segment < this.bytes.length) this.vacantSegments.pop();
    this.bytes[segment] = memory;
    this.words[segment] = new Uint32Array(memory.buffer);
    this.budget.reservedBytes += bytes;
    return segment;
  }

  private dropSegment(segment: number, bytes: number): void {
    this.bytes[segment] = NO_BYTES;
    this.words[segment] = NO_WORDS;
    this.vacantSegments.push(segment);
    this.budget.reservedBytes -= bytes;
  }

  /** Takes the first `units` of the free block at `address`; the rest of the block stays free. */
  private carve(address: number, units: number): void {
    const segment = address >>> this.unitShift;
    const words = this.words[segment];
    const start = address & this.unitMask;
    const size = words[UNIT_WORDS * start];
    const rest = size - units;
    if (size === this.segmentUnits - this.firstUnit) this.emptySegments--;
    if (rest > 0 && words[UNIT_WORDS * start + 2] === 0 && classOfBlock(rest) === classOfBlock(size)) {
      this.carveFront(words, start, units, segment);
      return;
    }
    this.takeOut(words, start, segment);
    if (rest > 0) this.putIn(words, start + units, rest, segment);
  }

  /** Takes `units` from the front of the first block of its class, which stays in its class: the frequent case. */
  private carveFront(words: Uint32Array, oldStart: number, units: number, segment: number): void {
    const start = oldStart + units;
    const size = words[UNIT_WORDS * oldStart] - units;
    const next = words[UNIT_WORDS * oldStart + 1];
    const address = (segment << this.unitShift) + start;
    const sizeClass = classOfBlock(size);
    words[oldStart >>> 5] &= ~(1 << (oldStart & 31));
    words[start >>> 5] |= 1 << (start & 31);
    words[UNIT_WORDS * start] = size;
    words[UNIT_WORDS * start + 1] = next;
    words[UNIT_WORDS * start + 2] = 0;
    words[UNIT_WORDS * (start + size) - 1] = size;
    if (next !== 0) this.words[next >>> this.unitShift][UNIT_WORDS * (next & this.unitMask) + 2] = address;
    this.heads[sizeClass] = address;
    this.freeUnitsOfClass[sizeClass] -= units;
    this.budget.freeBytes -= units * UNIT_BYTES;
  }

  /** Makes the units a free block: marks, sizes, free list. */
  private putIn(words: Uint32Array, start: number, size: number, segment: number): void {
    const last = start + size - 1;
    words[UNIT_WORDS * start] = size;
    words[UNIT_WORDS * (last + 1) - 1] = size;
    words[start >>> 5] |= 1 << (start & 31);
    words[last >>> 5] |= 1 << (last & 31);
    this.budget.freeBytes += size * UNIT_BYTES;
    const sizeClass = classOfBlock(size);
    this.freeUnitsOfClass[sizeClass] += size;
    const address = (segment << this.unitShift) + start;
    const head = this.heads[sizeClass];
    words[UNIT_WORDS * start + 1] = head;
    words[UNIT_WORDS * start + 2] = 0;
    if (head === 0) this.classes.add(sizeClass);
    else this.words[head >>> this.unitShift][UNIT_WORDS * (head & this.unitMask) + 2] = address;
    this.heads[sizeClass] = address;
  }

  /** The inverse of {@link putIn}. */
  private takeOut(words: Uint32Array, start: number, segment: number): void {
    const size = words[UNIT_WORDS * start];
    const last = start + size - 1;
    words[start >>> 5] &= ~(1 << (start & 31));
    words[last >>> 5] &= ~(1 << (last & 31));
    this.budget.freeBytes -= size * UNIT_BYTES;
    const sizeClass = classOfBlock(size);
    this.freeUnitsOfClass[sizeClass] -= size;
    const next = words[UNIT_WORDS * start + 1];
    const previous = words[UNIT_WORDS * start + 2];
    if (next !== 0) this.words[next >>> this.unitShift][UNIT_WORDS * (next & this.unitMask) + 2] = previous;
    if (previous !== 0) this.words[previous >>> this.unitShift][UNIT_WORDS * (previous & this.unitMask) + 1] = next;
    else {
      assert(this.heads[sizeClass] === (segment << this.unitShift) + start, 'free list is broken');
      this.heads[sizeClass] = next;
      if (next === 0) this.classes.remove(sizeClass);
    }
  }
}

function isMarked(words: Uint32Array, unit: number): boolean {
  return (words[unit >>> 5] & (1 << (unit & 31))) !== 0;
}

/** Answers undefined instead of the RangeError that a machine without memory gives. */
function tryAllocate(bytes: number): Uint8Array | undefined {
  try {
    return new Uint8Array(bytes);
  } catch {
    return undefined;
  }
}
