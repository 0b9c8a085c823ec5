/**
 * Finds records by hash, four bytes per entry: one linear hash table per shard (Litwin, "Linear hashing", VLDB 1980)
 * that is addressed by the TOP bits of the hash. It grows and shrinks by splitting or merging one page at a time, so
 * no operation pays for the whole table, and pages are in the order of the hash, which lets scans use it as a cursor.
 *
 *     page table entry: address u32 | slots in use : 12, units : 9, address bits : 5
 *     slot:             tag, the hash bits behind the page's own | address, the record's in its shard's log
 *
 * Slots are sorted by tag and dense. Hashes are uniform, so a look-up starts at the interpolated position and walks a
 * few neighbours; a tag of ten bits leaves a miss about 0.2 records to compare with. When the log outgrows its address bits, a page gives up a bit of its tags; when a
 * page is split, the bit that now belongs to the page's number goes to the addresses. Neither needs a key.
 *
 * A page whose tags do not tell its records apart is slow, not wrong. It holds 4095 slots at most.
 */
import { type Arena, UNIT_BYTES, UNIT_WORDS } from './arena.js';
import type { PrefetchPlaces } from './prefetch-places.js';
import { addressBits } from './record-log.js';
import {
  ENTRIES,
  INDEX_LEVEL,
  INDEX_SPLIT,
  INDEX_TABLE,
  LOG_PAGES,
  PAIR_WORDS,
  SHARD_WORDS,
  type ShardState,
  tableUnits,
} from './shard-state.js';
import {
  BITS_SHIFT,
  COUNT_MASK,
  meanSlots,
  mergeSlots,
  type PageCursor,
  SLOTS_PER_UNIT,
  splitSlots,
  unitsFor,
  UNITS_MASK,
  UNITS_SHIFT,
} from './slot-page.js';

/** Merging begins at this share of the mean, so that nothing flutters. */
const MERGE_SHARE = 0.5;
const NATIVE_MOVE_SLOTS = 32;
const MAX_LEVEL = 24;
const HASHES = 2 ** 32;

export class SlotIndex {
  /** What {@link seek} found: the page's words, the position of its first slot, and the slot to look at first. */
  words: Uint32Array = new Uint32Array(0);
  base = 0;
  count = 0;
  slot = 0;
  /** Selects a slot's tag; all tags of the hash that was sought equal `target` (a signed number). */
  tagMask = 0;
  target = 0;
  /** Bytes of pages and page tables. */
  usedBytes = 0;

  /** The page's entry in the page table, where that lies, and how many hash bits all of the page's entries share. */
  private table: Uint32Array = this.words;
  private entry = 0;
  private depth = 0;
  private readonly slotsPerPage: Uint16Array;

  constructor(
    private readonly arena: Arena,
    private readonly state: ShardState,
    partitionCount: number,
  ) {
    this.slotsPerPage = Uint16Array.from({ length: partitionCount }, (_, partition) => meanSlots(partition));
  }

  /** Points at the first slot whose tag is not below the hash's; false where the shard has no page. */
  seek(shard: number, hash: number): boolean {
    if (!this.enter(shard, hash)) {
      this.count = 0;
      this.slot = 0;
      return false;
    }
    this.load();
    const { words, base, count, tagMask } = this;
    const tag = hash << this.depth;
    const target = (tag & tagMask) >>> 0;
    let slot = Math.imul(tag >>> 16, count) >>> 16;
    while (slot < count && words[base + slot] < target) slot++;
    while (slot > 0 && words[base + slot - 1] >= target) slot--;
    this.slot = slot;
    this.target = target | 0;
    return true;
  }

  /** Notes which word {@link seek} reads first. */
  placeOf(shard: number, hash: number, into: PrefetchPlaces): void {
    if (!this.enter(shard, hash)) return;
    const { arena, table, entry } = this;
    const slot = Math.imul((hash << this.depth) >>> 16, table[entry + 1] & COUNT_MASK) >>> 16;
    into.add(table[entry] >>> arena.unitShift, (table[entry] & arena.unitMask) * UNIT_WORDS + slot);
  }

  /** Makes room for one more entry with the hash that was sought last; false where memory does not allow it. */
  reserve(shard: number, hash: number): boolean {
    if (this.state.words[shard + INDEX_TABLE] === 0 && !(this.create(shard) && this.seek(shard, hash))) return false;
    if (this.count < this.unitsHere() * SLOTS_PER_UNIT) return true;
    return this.count < COUNT_MASK && this.resizePage(this.unitsHere() + 1);
  }

  /** Adds an entry at the slot that {@link reserve} found. */
  insert(shard: number, address: number): void {
    const { words, base, count, slot } = this;
    const at = base + slot;
    const end = base + count;
    if (count - slot >= NATIVE_MOVE_SLOTS) words.copyWithin(at + 1, at, end);
    else for (let i = end; i > at; i--) words[i] = words[i - 1];
    this.table[this.entry + 1]++;
    this.count++;
    if ((address & this.tagMask) !== 0) this.widen(shard);
    words[at] = (this.target & this.tagMask) | address;
    const { words: state } = this.state;
    const entries = ++state[shard + ENTRIES];
    if (entries > this.pageCount(shard) * this.slotsPerPage[shard / SHARD_WORDS]) this.split(shard);
  }

  /** Gives the entry at `slot` of the page that was sought another address. */
  replace(shard: number, slot: number, address: number): void {
    if ((address & this.tagMask) !== 0) this.widen(shard);
    const at = this.base + slot;
    this.words[at] = (this.words[at] & this.tagMask) | address;
  }

  /** The slot of a record in the page that this call seeks, or -1. */
  slotOf(shard: number, hash: number, address: number): number {
    if (!this.seek(shard, hash)) return -1;
    const { words, base, count, tagMask, target } = this;
    for (let slot = this.slot; slot < count && (words[base + slot] & tagMask) === target; slot++) {
      if ((words[base + slot] & ~tagMask) === address) return slot;
    }
    return -1;
  }

  /** Removes the entry at `slot` of the page that was sought. */
  remove(shard: number, slot: number): void {
    const { words, base, count, table, entry } = this;
    const at = base + slot;
    const end = base + count;
    if (count - slot >= NATIVE_MOVE_SLOTS) words.copyWithin(at, at + 1, end);
    else for (let i = at + 1; i < end; i++) words[i - 1] = words[i];
    table[entry + 1]--;
    const units = this.unitsHere();
    if (units > 1 && count - 1 <= (units - 2) * SLOTS_PER_UNIT + SLOTS_PER_UNIT / 2)
      this.resizePage(unitsFor(count - 1));
    const entries = --this.state.words[shard + ENTRIES];
    if (entries === 0) this.drop(shard);
    else this.shrink(shard);
  }

  /** Drops the entries whose addresses `keep` refuses; it must not touch the index. */
  filter(shard: number, keep: (address: number) => boolean): void {
    const { words: state } = this.state;
    const pages = this.pageCount(shard);
    for (let page = 0; page < pages; page++) {
      this.openPage(shard, page);
      const { words, base, count, tagMask } = this;
      let kept = 0;
      for (let slot = 0; slot < count; slot++) {
        const word = words[base + slot];
        if (keep(word & ~tagMask)) words[base + kept++] = word;
      }
      this.table[this.entry + 1] -= count - kept;
      state[shard + ENTRIES] -= count - kept;
      if (unitsFor(kept) < this.unitsHere()) this.resizePage(unitsFor(kept));
    }
    if (state[shard + ENTRIES] === 0) this.drop(shard);
    else this.shrink(shard);
  }

  /** A copy of what {@link seek} found, for a walk during which others may seek. */
  cursor(): PageCursor {
    return { words: this.words, base: this.base, count: this.count, slot: this.slot, tagMask: this.tagMask };
  }

  /** The address in a slot of the page that was sought. */
  addressAt(slot: number): number {
    return this.words[this.base + slot] & ~this.tagMask;
  }

  /** The hash (0..2^32) that begins the page behind the current one, which holds `hash` (unsigned). */
  endOfPage(hash: number): number {
    const span = 2 ** (32 - this.depth);
    return hash - (hash % span) + span;
  }

  /** How far into the current page a hash lies, from 0 to below 1. */
  shareOf(hash: number): number {
    return ((hash << this.depth) >>> 0) / HASHES;
  }

  /** Frees all pages and the table. */
  drop(shard: number): void {
    const { words: state } = this.state;
    const pages = this.pageCount(shard);
    for (let page = 0; page < pages; page++) {
      this.openPage(shard, page);
      this.freePage(this.table[this.entry], this.unitsHere());
    }
    this.resizeTable(shard, pages, 0);
    state[shard + INDEX_LEVEL] = 0;
    state[shard + INDEX_SPLIT] = 0;
    state[shard + ENTRIES] = 0;
  }

  pageCount(shard: number): number {
    const { words: state } = this.state;
    return state[shard + INDEX_TABLE] === 0 ? 0 : (1 << state[shard + INDEX_LEVEL]) + state[shard + INDEX_SPLIT];
  }

  /** Points at the page table's entry for a hash; false where the shard has no page. */
  private enter(shard: number, hash: number): boolean {
    const { words: state } = this.state;
    if (state[shard + INDEX_TABLE] === 0) return false;
    const split = state[shard + INDEX_SPLIT];
    let depth = state[shard + INDEX_LEVEL];
    let page = (hash >>> 1) >>> (31 - depth);
    if (page < split) page = (hash >>> 1) >>> (31 - ++depth);
    else page += split;
    this.depth = depth;
    this.pointAt(shard, page);
    return true;
  }

  private create(shard: number): boolean {
    if (!this.resizeTable(shard, 0, 1)) return false;
    const page = this.arena.allocate(1);
    if (page === 0) {
      this.resizeTable(shard, 1, 0);
      return false;
    }
    this.usedBytes += UNIT_BYTES;
    this.setPage(shard, 0, page, 0, 1, this.addressBits(shard));
    return true;
  }

  /** Splits the next page in turn where memory allows it; otherwise pages just get larger. */
  private split(shard: number): void {
    const { words: state } = this.state;
    const level = state[shard + INDEX_LEVEL];
    const split = state[shard + INDEX_SPLIT];
    const pages = this.pageCount(shard);
    if (level >= MAX_LEVEL) return;
    if (!this.resizeTable(shard, pages, pages + 1)) return;
    this.openPage(shard, 2 * split);
    const { words, base, count, table, entry } = this;
    const bits = table[entry + 1] >>> BITS_SHIFT;
    const old = table[entry];
    const oldUnits = this.unitsHere();
    let boundary = 0;
    while (boundary < count && words[base + boundary] < 0x80000000) boundary++;
    const left = this.arena.allocate(unitsFor(boundary), oldUnits * UNIT_BYTES);
    const right = left === 0 ? 0 : this.arena.allocate(unitsFor(count - boundary));
    if (right === 0) {
      if (left !== 0) this.arena.free(left, unitsFor(boundary));
      this.resizeTable(shard, pages + 1, pages);
      return;
    }
    this.usedBytes += (unitsFor(boundary) + unitsFor(count - boundary)) * UNIT_BYTES;
    splitSlots(words, base, boundary, this.arena, left, bits);
    splitSlots(words, base + boundary, count - boundary, this.arena, right, bits);
    table.copyWithin(entry + 2 * PAIR_WORDS, entry + PAIR_WORDS, entry + (pages - 2 * split) * PAIR_WORDS);
    this.setPage(shard, 2 * split, left, boundary, unitsFor(boundary), bits + 1);
    this.setPage(shard, 2 * split + 1, right, count - boundary, unitsFor(count - boundary), bits + 1);
    this.freePage(old, oldUnits);
    const whole = split + 1 === 1 << level;
    state[shard + INDEX_SPLIT] = whole ? 0 : split + 1;
    if (whole) state[shard + INDEX_LEVEL]++;
  }

  /** Merges pages, last split first, while there are far more than entries need. */
  private shrink(shard: number): void {
    const { words: state } = this.state;
    const wanted = this.slotsPerPage[shard / SHARD_WORDS] * MERGE_SHARE;
    for (let pages = this.pageCount(shard); pages > 1 && state[shard + ENTRIES] < (pages - 1) * wanted; pages--) {
      if (!this.merge(shard, pages)) return;
    }
  }

  private merge(shard: number, pages: number): boolean {
    const { arena } = this;
    const { words: state } = this.state;
    const whole = state[shard + INDEX_SPLIT] === 0;
    const level = state[shard + INDEX_LEVEL] - (whole ? 1 : 0);
    const split = (whole ? 1 << level : state[shard + INDEX_SPLIT]) - 1;
    this.openPage(shard, 2 * split);
    const { words: leftWords, base: leftBase, count: leftCount, table, entry } = this;
    const left = table[entry];
    const leftUnits = this.unitsHere();
    const leftBits = table[entry + 1] >>> BITS_SHIFT;
    this.openPage(shard, 2 * split + 1);
    const right = table[this.entry];
    const rightUnits = this.unitsHere();
    const rightBits = table[this.entry + 1] >>> BITS_SHIFT;
    const count = leftCount + this.count;
    if (count > COUNT_MASK) return false;
    const merged = arena.allocate(unitsFor(count), (leftUnits + rightUnits) * UNIT_BYTES);
    if (merged === 0) return false;
    this.usedBytes += unitsFor(count) * UNIT_BYTES;
    const bits = Math.max(leftBits - 1, rightBits - 1, this.addressBits(shard));
    const target = arena.words[merged >>> arena.unitShift];
    const base = (merged & arena.unitMask) * UNIT_WORDS;
    mergeSlots(leftWords, leftBase, leftCount, leftBits, target, base, bits, 0);
    mergeSlots(this.words, this.base, this.count, rightBits, target, base + leftCount, bits, 0x80000000);
    table.copyWithin(entry + PAIR_WORDS, entry + 2 * PAIR_WORDS, entry + (pages - 2 * split) * PAIR_WORDS);
    this.setPage(shard, 2 * split, merged, count, unitsFor(count), bits);
    this.freePage(left, leftUnits);
    this.freePage(right, rightUnits);
    state[shard + INDEX_LEVEL] = level;
    state[shard + INDEX_SPLIT] = split;
    this.resizeTable(shard, pages, pages - 1);
    return true;
  }

  /** Takes bits from the current page's tags until the shard's addresses fit. */
  private widen(shard: number): void {
    const { words, base, count, table, entry } = this;
    const bits = this.addressBits(shard);
    const old = table[entry + 1] >>> BITS_SHIFT;
    const cleared = ~((-1 << old) & ~(-1 << bits));
    for (let slot = 0; slot < count; slot++) words[base + slot] &= cleared;
    table[entry + 1] += (bits - old) << BITS_SHIFT;
    this.tagMask = -1 << bits;
    this.target &= this.tagMask;
  }

  private addressBits(shard: number): number {
    return addressBits(this.state.words[shard + LOG_PAGES]);
  }

  /** Moves the current page to `units`; false where memory does not allow it. */
  private resizePage(units: number): boolean {
    const { arena, table, entry } = this;
    const oldUnits = this.unitsHere();
    const page = arena.allocate(units, oldUnits * UNIT_BYTES);
    if (page === 0) return false;
    const count = table[entry + 1] & COUNT_MASK;
    const words = arena.words[page >>> arena.unitShift];
    const base = (page & arena.unitMask) * UNIT_WORDS;
    if (words === this.words) words.copyWithin(base, this.base, this.base + count);
    else words.set(this.words.subarray(this.base, this.base + count), base);
    this.usedBytes += units * UNIT_BYTES;
    this.freePage(table[entry], oldUnits);
    table[entry] = page;
    table[entry + 1] += (units - oldUnits) << UNITS_SHIFT;
    this.words = words;
    this.base = base;
    return true;
  }

  private freePage(page: number, units: number): void {
    this.usedBytes -= units * UNIT_BYTES;
    this.arena.free(page, units);
  }

  private setPage(shard: number, page: number, address: number, count: number, units: number, bits: number): void {
    this.pointAt(shard, page);
    const { table, entry } = this;
    table[entry] = address;
    table[entry + 1] = count | (units << UNITS_SHIFT) | (bits << BITS_SHIFT);
  }

  private pointAt(shard: number, page: number): void {
    const { arena } = this;
    const address = this.state.words[shard + INDEX_TABLE];
    this.table = arena.words[address >>> arena.unitShift];
    this.entry = (address & arena.unitMask) * UNIT_WORDS + page * PAIR_WORDS;
  }

  private openPage(shard: number, page: number): void {
    this.pointAt(shard, page);
    this.load();
  }

  private load(): void {
    const { arena, table, entry } = this;
    const address = table[entry];
    const meta = table[entry + 1];
    this.words = arena.words[address >>> arena.unitShift];
    this.base = (address & arena.unitMask) * UNIT_WORDS;
    this.count = meta & COUNT_MASK;
    this.tagMask = -1 << (meta >>> BITS_SHIFT);
  }

  private unitsHere(): number {
    return (this.table[this.entry + 1] >>> UNITS_SHIFT) & UNITS_MASK;
  }

  private resizeTable(shard: number, pages: number, wanted: number): boolean {
    if (!this.state.resizeTable(shard, INDEX_TABLE, pages, wanted)) return false;
    this.usedBytes += (tableUnits(wanted) - tableUnits(pages)) * UNIT_BYTES;
    return true;
  }
}
