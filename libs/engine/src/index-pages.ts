/**
 * A page of the index, as it lies in the arena:
 *
 *     count u32 | capacity << 8 | depth  u32 | (hash u32 | reference u32) × capacity
 *
 * Entries are sorted by hash and dense, without gaps. Hashes are uniform, so a look-up starts at the interpolated
 * position and walks a few neighbours within one or two cache lines; a shift on insertion moves less than a
 * kilobyte. Compared with open addressing this wastes no slots and keeps hash order for scans.
 * `depth` is how many top bits of the hash all entries of the page share.
 */
import type { Arena } from './arena.js';

/** Entries per page before it is split; only pages of colliding hashes grow beyond. */
export const PAGE_SLOTS = 128;
const HEADER_WORDS = 2;
export const SLOT_WORDS = 2;
/** From so many slots on the native move beats a loop. */
const NATIVE_MOVE_SLOTS = 24;
const SPARE_SHIFT = 3;
const MIN_SPARE = 4;

/** Where a page lies; the fields are read directly on the hot path. One object is reused. */
export class PageCursor {
  words: Uint32Array = new Uint32Array(0);
  /** Word of the page's first field. */
  at = 0;
  count = 0;
  capacity = 0;
  depth = 0;
  /** Words of the first hash and of the first reference; the next ones are SLOT_WORDS further. */
  hashes = 0;
  refs = 0;

  constructor(private readonly arena: Arena) {}

  open(page: number): void {
    const words = this.arena.words[page >>> this.arena.unitShift];
    const at = (page & this.arena.unitMask) * 2;
    const shape = words[at + 1];
    this.words = words;
    this.at = at;
    this.count = words[at];
    this.capacity = shape >>> 8;
    this.depth = shape & 0xff;
    this.hashes = at + HEADER_WORDS;
    this.refs = this.hashes + 1;
  }

  /** No page: one without room. */
  close(): void {
    this.count = 0;
    this.capacity = 0;
  }

  /** The first slot whose hash is not below `hash` (a signed 32-bit integer, compared as unsigned). */
  lowerBound(hash: number): number {
    const { words, hashes, count } = this;
    const target = hash >>> 0;
    if (count > PAGE_SLOTS) return this.lowerBoundBinary(target);
    let slot = Math.imul((hash << this.depth) >>> 16, count) >>> 16;
    while (slot < count && words[hashes + slot * SLOT_WORDS] < target) slot++;
    while (slot > 0 && words[hashes + (slot - 1) * SLOT_WORDS] >= target) slot--;
    return slot;
  }

  private lowerBoundBinary(target: number): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.words[this.hashes + middle * SLOT_WORDS] < target) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  insertAt(slot: number, hash: number, ref: number): void {
    const { words, hashes, count } = this;
    const at = hashes + slot * SLOT_WORDS;
    const end = hashes + count * SLOT_WORDS;
    if (count - slot >= NATIVE_MOVE_SLOTS) words.copyWithin(at + SLOT_WORDS, at, end);
    else for (let i = end - 1; i >= at; i--) words[i + SLOT_WORDS] = words[i];
    words[at] = hash;
    words[at + 1] = ref;
    this.setCount(count + 1);
  }

  removeAt(slot: number): void {
    const { words, hashes, count } = this;
    const at = hashes + slot * SLOT_WORDS;
    const end = hashes + count * SLOT_WORDS;
    if (count - slot >= NATIVE_MOVE_SLOTS) words.copyWithin(at, at + SLOT_WORDS, end);
    else for (let i = at + SLOT_WORDS; i < end; i++) words[i - SLOT_WORDS] = words[i];
    this.setCount(count - 1);
  }

  setCount(count: number): void {
    this.words[this.at] = count;
    this.count = count;
  }

  /** Adds the slots [from, to) of another page behind this page's own. */
  appendFrom(source: PageCursor, from: number, to: number): void {
    const { words, hashes, count } = this;
    const end = source.hashes + to * SLOT_WORDS;
    let at = hashes + count * SLOT_WORDS;
    for (let i = source.hashes + from * SLOT_WORDS; i < end; i++) words[at++] = source.words[i];
    this.setCount(count + to - from);
  }

  format(page: number, capacity: number, depth: number): void {
    const words = this.arena.words[page >>> this.arena.unitShift];
    const at = (page & this.arena.unitMask) * 2;
    words[at] = 0;
    words[at + 1] = (capacity << 8) | depth;
    this.open(page);
  }
}

/** Header and one slot are 8 bytes each, that is one arena unit. */
export function pageUnits(capacity: number): number {
  return 1 + capacity;
}

/** A capacity for `count` entries with some room to grow; up to PAGE_SLOTS unless there are more. */
export function capacityFor(count: number): number {
  const roomy = count + Math.max(MIN_SPARE, count >>> SPARE_SHIFT);
  return count < PAGE_SLOTS ? Math.min(roomy, PAGE_SLOTS) : roomy;
}
