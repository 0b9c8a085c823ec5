/**
 * Finds entries by hash: one extendible hash table per partition (Fagin et al., "Extendible hashing", TODS 1979)
 * whose directory is addressed by the TOP bits of the hash and whose pages lie in an arena. Growing splits one page
 * of at most 128 entries at a time, so no operation pays for the whole table, and order by hash is kept over all
 * pages: a scan's cursor is a hash, whatever splits or merges happen between its calls.
 *
 * The index knows hashes and references, not keys: of several entries with one hash the caller picks.
 *
 * The directory is bounded by the number of entries; where hashes collide so badly that splitting does not help, a
 * page grows instead. It gets slow, not large.
 */
import { type Arena, UNIT_BYTES } from './arena.js';
import type { MemoryBudget } from './memory-budget.js';
import { PageCursor, PAGE_SLOTS, SLOT_WORDS, capacityFor, pageUnits } from './index-pages.js';

/** The directory of a partition without entries, shared by all of them. */
const NO_DIRECTORY = new Uint32Array(1);
const DIRECTORY_ENTRY_BYTES = 4;
const MAX_DEPTH = 24;
/** A directory may have one entry for so many keys of the partition. */
const KEYS_PER_DIRECTORY_ENTRY = 16;
/** Buddy pages that hold no more than this together are merged; far below PAGE_SLOTS, so that nothing flutters. */
const MERGE_SLOTS = 48;
const MIN_CAPACITY = capacityFor(0);
const HASHES = 2 ** 32;

export class HashIndex {
  /** The page that {@link seek} found, and the slot of the first entry not below the hash. */
  readonly page: PageCursor;
  slot = 0;
  /** Bytes of pages and directories. */
  usedBytes = 0;

  private readonly directories: Uint32Array[];
  private readonly depths: Uint8Array;
  private readonly counts: Uint32Array;
  /** Per partition the number of pages as deep as the directory; at 0 the directory can be halved. */
  private readonly deepest: Uint32Array;
  private readonly left: PageCursor;
  private readonly right: PageCursor;

  constructor(
    private readonly arena: Arena,
    private readonly budget: MemoryBudget,
    partitionCount: number,
  ) {
    this.directories = Array.from({ length: partitionCount }, () => NO_DIRECTORY);
    this.depths = new Uint8Array(partitionCount);
    this.counts = new Uint32Array(partitionCount);
    this.deepest = new Uint32Array(partitionCount);
    this.page = new PageCursor(arena);
    this.left = new PageCursor(arena);
    this.right = new PageCursor(arena);
  }

  count(partition: number): number {
    return this.counts[partition];
  }

  /** Points page and slot at the first entry of the hash's page that is not below the hash; false: no page. */
  seek(partition: number, hash: number): boolean {
    const page = this.directories[partition][this.position(partition, hash)];
    if (page === 0) {
      this.page.close();
      return false;
    }
    this.page.open(page);
    this.slot = this.page.lowerBound(hash);
    return true;
  }

  /** Whether the page that was sought takes one more entry as it is. */
  get hasRoom(): boolean {
    return this.page.count < this.page.capacity;
  }

  /** Makes room for one more entry with this hash and seeks it; false where memory does not allow it. */
  reserve(partition: number, hash: number): boolean {
    if (this.directories[partition] === NO_DIRECTORY && !this.create(partition)) return false;
    for (;;) {
      this.seek(partition, hash);
      if (this.hasRoom) return true;
      const { count, capacity, depth } = this.page;
      const splits = capacity >= PAGE_SLOTS && this.maySplit(partition, depth);
      if (!(splits ? this.split(partition, hash) : this.resize(partition, hash, capacityFor(count)))) return false;
    }
  }

  /** Adds an entry where {@link seek} or {@link reserve} points; there must be room. */
  insert(partition: number, hash: number, ref: number): void {
    this.page.insertAt(this.slot, hash, ref);
    this.counts[partition]++;
  }

  /** The reference at `slot` of the page that {@link seek} found. */
  refAt(slot: number): number {
    return this.page.words[this.page.refs + slot * SLOT_WORDS];
  }

  /** Gives the entry at `slot` of the page that {@link seek} found another reference. */
  replace(slot: number, ref: number): void {
    this.page.words[this.page.refs + slot * SLOT_WORDS] = ref;
  }

  /** The slot of an entry in the page that this call seeks, or -1. */
  slotOf(partition: number, hash: number, ref: number): number {
    if (!this.seek(partition, hash)) return -1;
    const { words, refs, hashes, count } = this.page;
    for (let slot = this.slot; slot < count && words[hashes + slot * SLOT_WORDS] === hash >>> 0; slot++) {
      if (words[refs + slot * SLOT_WORDS] === ref) return slot;
    }
    return -1;
  }

  /** Removes the entry at `slot`, which {@link slotOf} has found. */
  remove(partition: number, hash: number, slot: number): void {
    this.page.removeAt(slot);
    this.counts[partition]--;
    this.shrink(partition, hash);
  }

  /** Drops the entries that `keep` refuses. It must not touch the index, but may free what it refuses. */
  filter(partition: number, keep: (ref: number) => boolean): void {
    for (let start = 0; start < HASHES && this.seek(partition, start | 0); start = this.endOfPage(start)) {
      const { words, hashes, refs, count } = this.page;
      let kept = 0;
      for (let slot = 0; slot < count; slot++) {
        const ref = words[refs + slot * SLOT_WORDS];
        if (!keep(ref)) continue;
        words[hashes + kept * SLOT_WORDS] = words[hashes + slot * SLOT_WORDS];
        words[refs + kept * SLOT_WORDS] = ref;
        kept++;
      }
      this.page.setCount(kept);
      this.counts[partition] -= count - kept;
    }
    for (let start = 0; start < HASHES && this.seek(partition, start | 0); start = this.endOfPage(start)) {
      this.shrink(partition, start | 0);
    }
  }

  /** The hash (0..2^32) that begins the page behind the current one, which holds `hash` (unsigned). */
  endOfPage(hash: number): number {
    const span = 2 ** (32 - this.page.depth);
    return hash - (hash % span) + span;
  }

  private position(partition: number, hash: number): number {
    return (hash >>> 1) >>> (31 - this.depths[partition]);
  }

  private create(partition: number): boolean {
    if (!this.budget.charge(DIRECTORY_ENTRY_BYTES)) return false;
    const page = this.allocatePage(this.left, MIN_CAPACITY, 0, 0);
    if (page === 0) {
      this.budget.charge(-DIRECTORY_ENTRY_BYTES);
      return false;
    }
    this.usedBytes += DIRECTORY_ENTRY_BYTES;
    this.directories[partition] = Uint32Array.of(page);
    this.deepest[partition] = 1;
    return true;
  }

  private maySplit(partition: number, depth: number): boolean {
    if (depth < this.depths[partition]) return true;
    return depth < MAX_DEPTH && 2 ** (depth + 1) * KEYS_PER_DIRECTORY_ENTRY <= this.counts[partition];
  }

  /** Divides the current page, which holds `hash`, by the next bit of its hashes. */
  private split(partition: number, hash: number): boolean {
    const { page, left, right } = this;
    const depth = page.depth;
    if (depth === this.depths[partition] && !this.growDirectory(partition)) return false;
    const boundary = page.lowerBound(boundaryOf(hash, depth));
    const leftPage = this.allocatePage(left, capacityFor(boundary), depth + 1, 0);
    if (leftPage === 0) return false;
    const rightPage = this.allocatePage(right, capacityFor(page.count - boundary), depth + 1, 0);
    if (rightPage === 0) {
      this.freePage(leftPage, left.capacity);
      return false;
    }
    left.appendFrom(page, 0, boundary);
    right.appendFrom(page, boundary, page.count);
    const old = this.directories[partition][this.position(partition, hash)];
    this.point(partition, boundaryOf(hash, depth) - 1, depth + 1, leftPage);
    this.point(partition, boundaryOf(hash, depth), depth + 1, rightPage);
    this.freePage(old, page.capacity);
    if (depth + 1 === this.depths[partition]) this.deepest[partition] += 2;
    return true;
  }

  /** Moves the current page, which holds `hash`, to one of another capacity. */
  private resize(partition: number, hash: number, capacity: number): boolean {
    const { page, left } = this;
    const moved = this.allocatePage(left, capacity, page.depth, pageUnits(page.capacity) * UNIT_BYTES);
    if (moved === 0) return false;
    left.appendFrom(page, 0, page.count);
    const old = this.directories[partition][this.position(partition, hash)];
    this.point(partition, hash, page.depth, moved);
    this.freePage(old, page.capacity);
    return true;
  }

  /** Gives back what the page that holds `hash` no longer needs: slots, the page itself, half the directory. */
  private shrink(partition: number, hash: number): void {
    if (this.counts[partition] === 0) {
      this.drop(partition);
      return;
    }
    while (this.page.depth > 0 && this.page.count < MERGE_SLOTS && this.merge(partition, hash))
      this.seek(partition, hash);
    const { count, capacity } = this.page;
    if (capacity > 2 * MIN_CAPACITY && count * 2 < capacity) {
      this.resize(partition, hash, capacityFor(count));
      this.seek(partition, hash);
    }
  }

  /** Joins the current page, which holds `hash`, with its buddy where both together are small. */
  private merge(partition: number, hash: number): boolean {
    const { page, left, right } = this;
    const depth = page.depth;
    const directory = this.directories[partition];
    const boundary = boundaryOf(hash, depth - 1);
    const leftPage = directory[this.position(partition, boundary - 1)];
    const rightPage = directory[this.position(partition, boundary)];
    left.open(leftPage);
    right.open(rightPage);
    const count = left.count + right.count;
    if (left.depth !== depth || right.depth !== depth || count > MERGE_SLOTS) return false;
    const creditBytes = (pageUnits(left.capacity) + pageUnits(right.capacity)) * UNIT_BYTES;
    const merged = this.allocatePage(page, capacityFor(count), depth - 1, creditBytes);
    if (merged === 0) return false;
    page.appendFrom(left, 0, left.count);
    page.appendFrom(right, 0, right.count);
    this.point(partition, hash, depth - 1, merged);
    this.freePage(leftPage, left.capacity);
    this.freePage(rightPage, right.capacity);
    if (depth === this.depths[partition]) this.deepest[partition] -= 2;
    while (this.depths[partition] > 0 && this.deepest[partition] === 0) this.halveDirectory(partition);
    return true;
  }

  private drop(partition: number): void {
    for (let start = 0; start < HASHES && this.seek(partition, start | 0); start = this.endOfPage(start)) {
      this.freePage(this.directories[partition][this.position(partition, start | 0)], this.page.capacity);
    }
    const bytes = this.directories[partition].length * DIRECTORY_ENTRY_BYTES;
    this.budget.charge(-bytes);
    this.usedBytes -= bytes;
    this.directories[partition] = NO_DIRECTORY;
    this.depths[partition] = 0;
    this.deepest[partition] = 0;
  }

  /** Lets every directory position of a page of this depth that holds `hash` point at `page`. */
  private point(partition: number, hash: number, depth: number, page: number): void {
    const positions = 2 ** (this.depths[partition] - depth);
    const position = this.position(partition, hash);
    const first = position - (position % positions);
    this.directories[partition].fill(page, first, first + positions);
  }

  private growDirectory(partition: number): boolean {
    const old = this.directories[partition];
    const bytes = old.length * DIRECTORY_ENTRY_BYTES;
    if (!this.budget.charge(bytes)) return false;
    this.usedBytes += bytes;
    const grown = new Uint32Array(old.length * 2);
    for (let i = 0; i < grown.length; i++) grown[i] = old[i >>> 1];
    this.directories[partition] = grown;
    this.depths[partition]++;
    this.deepest[partition] = 0;
    return true;
  }

  private halveDirectory(partition: number): void {
    const old = this.directories[partition];
    const halved = new Uint32Array(old.length / 2);
    for (let i = 0; i < halved.length; i++) halved[i] = old[i * 2];
    const bytes = halved.length * DIRECTORY_ENTRY_BYTES;
    this.budget.charge(-bytes);
    this.usedBytes -= bytes;
    this.directories[partition] = halved;
    const depth = --this.depths[partition];
    for (const page of halved) {
      this.left.open(page);
      if (this.left.depth === depth) this.deepest[partition]++;
    }
  }

  /** An empty page with `cursor` on it, or 0 where memory does not allow it. */
  private allocatePage(cursor: PageCursor, capacity: number, depth: number, creditBytes: number): number {
    const page = this.arena.allocate(pageUnits(capacity), creditBytes);
    if (page === 0) return 0;
    this.usedBytes += pageUnits(capacity) * UNIT_BYTES;
    cursor.format(page, capacity, depth);
    return page;
  }

  private freePage(page: number, capacity: number): void {
    this.usedBytes -= pageUnits(capacity) * UNIT_BYTES;
    this.arena.free(page, pageUnits(capacity));
  }
}

/** The first hash of the upper half of the page of this depth that holds `hash`. */
function boundaryOf(hash: number, depth: number): number {
  const bit = 1 << (31 - depth);
  return (hash & ~(bit - 1)) | bit;
}
