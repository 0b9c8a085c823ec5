/**
 * The records of all shards, each shard's in a log of its own: pages of up to 8 KiB that fill from front to back, one
 * open at a time. An address is local to the shard: page number, then 13 bits of offset. It needs few bits, so that
 * an index slot of 4 bytes has room for it and a tag, and a store may exceed what 32 bits address.
 *
 * A page begins small and grows with what is written to it, so that hundreds of shards with little in them, or a
 * little more than full pages, waste little. Removing leaves a hole; {@link PageCleaner} takes holes out.
 *
 *     page table entry: address u32 | fill : 13, live : 13, blocks - 1 : 5
 */
import { type Arena, UNIT_BYTES, UNIT_WORDS } from './arena.js';
import type { ExpiryHeap } from './expiry-heap.js';
import { LOG_FREE, LOG_OPEN, LOG_PAGES, LOG_TABLE, PAIR_WORDS, type ShardState, tableUnits } from './shard-state.js';

export const PAGE_SHIFT = 13;
export const OFFSET_MASK = (1 << PAGE_SHIFT) - 1;
/** 28 bits of address: 256 MiB of records in one shard, beside what lies outside the log. */
const MAX_ADDRESS_BITS = 28;
const MAX_PAGES = 1 << (MAX_ADDRESS_BITS - PAGE_SHIFT);
const FILL_MASK = OFFSET_MASK;
const LIVE_SHIFT = PAGE_SHIFT;
const BLOCKS_SHIFT = 2 * PAGE_SHIFT;
/** A page takes memory in blocks of so many bytes, up to 32 of them: so the three numbers fit 31 bits, a small integer. */
const BLOCK_BYTES = 256;
const BLOCK_UNITS = BLOCK_BYTES / UNIT_BYTES;
/** A page doubles up to the first size, grows by it up to the second, and by twice as much from then on. */
const GROWTH_BYTES = 1024;
const COARSE_FROM_BYTES = 4096;

export class RecordLog {
  /** What the last {@link append} or {@link locate} found: the segment, and the record's offset in it. */
  bytes: Uint8Array = new Uint8Array(0);
  at = 0;
  /** The same as one number: what names an entry outside, until the store changes. */
  ref = 0;
  /** Bytes of page blocks and page tables. */
  usedBytes = 0;
  /** Bytes of page blocks that no record uses. */
  idleBytes = 0;
  /** The largest fill of a page. */
  readonly pageBytes: number;

  constructor(
    private readonly arena: Arena,
    private readonly state: ShardState,
    private readonly expiry: ExpiryHeap,
  ) {
    this.pageBytes = Math.min(FILL_MASK, arena.segmentBytes / 2);
  }

  /** Reserves `length` bytes for a record and answers its address, or -1 where memory does not allow it. */
  append(shard: number, length: number, creditBytes: number): number {
    const { words } = this.state;
    const open = words[shard + LOG_OPEN];
    if (open === 0) return this.appendToNewPage(shard, length, creditBytes);
    const entry = this.entryOf(shard, open - 1);
    const table = this.tableOf(shard);
    const meta = table[entry + 1];
    const fill = meta & FILL_MASK;
    const wanted = fill + length;
    if (wanted > this.pageBytes) return this.appendToNewPage(shard, length, creditBytes);
    if (wanted > blockBytes(meta) && !this.enlarge(table, entry, wanted, creditBytes)) return -1;
    this.use(table, entry, fill, length);
    return ((open - 1) << PAGE_SHIFT) | fill;
  }

  locate(shard: number, address: number): void {
    const { arena } = this;
    const page = this.tableOf(shard)[this.entryOf(shard, address >>> PAGE_SHIFT)];
    this.bytes = arena.bytes[page >>> arena.unitShift];
    this.at = (page & arena.unitMask) * UNIT_BYTES + (address & OFFSET_MASK);
    this.ref = page * UNIT_BYTES + (address & OFFSET_MASK);
  }

  /** Points bytes and at at a reference. */
  open(ref: number): void {
    const { arena } = this;
    const segment = Math.floor(ref / arena.segmentBytes);
    this.bytes = arena.bytes[segment];
    this.at = ref - segment * arena.segmentBytes;
    this.ref = ref;
  }

  /** The store-wide number of what {@link locate} would find. */
  refOf(shard: number, address: number): number {
    const page = this.tableOf(shard)[this.entryOf(shard, address >>> PAGE_SHIFT)];
    return page * UNIT_BYTES + (address & OFFSET_MASK);
  }

  /** Counts a record of `length` bytes out that has become a hole; gives an empty page back. */
  release(shard: number, address: number, length: number): void {
    const page = address >>> PAGE_SHIFT;
    const table = this.tableOf(shard);
    const entry = this.entryOf(shard, page);
    table[entry + 1] -= length << LIVE_SHIFT;
    this.idleBytes += length;
    if (((table[entry + 1] >>> LIVE_SHIFT) & FILL_MASK) === 0) this.freePage(shard, page);
  }

  /** Page numbers given out, free ones included. */
  pageCount(shard: number): number {
    return this.state.words[shard + LOG_PAGES];
  }

  /** Address of a page's memory, or 0 for a free number. */
  memoryOf(shard: number, page: number): number {
    const meta = this.metaOf(shard, page);
    return meta === 0 ? 0 : this.tableOf(shard)[this.entryOf(shard, page)];
  }

  fillOf(shard: number, page: number): number {
    return this.metaOf(shard, page) & FILL_MASK;
  }

  liveOf(shard: number, page: number): number {
    return (this.metaOf(shard, page) >>> LIVE_SHIFT) & FILL_MASK;
  }

  /** Bytes that writing the page anew would give back. */
  gainOf(shard: number, page: number): number {
    const meta = this.metaOf(shard, page);
    if (meta === 0) return 0;
    return blockBytes(meta) - roundUp((meta >>> LIVE_SHIFT) & FILL_MASK);
  }

  /** A block for all live records of a page, which {@link finishRewrite} makes the page's own; 0 without memory. */
  beginRewrite(shard: number, page: number): number {
    const oldBytes = blockBytes(this.metaOf(shard, page));
    return this.arena.allocate(unitsFor(this.liveOf(shard, page)), oldBytes);
  }

  finishRewrite(shard: number, page: number, block: number): void {
    const table = this.tableOf(shard);
    const entry = this.entryOf(shard, page);
    const meta = table[entry + 1];
    const live = (meta >>> LIVE_SHIFT) & FILL_MASK;
    const saved = blockBytes(meta) - roundUp(live);
    this.arena.free(table[entry], blockBytes(meta) / UNIT_BYTES);
    table[entry] = block;
    table[entry + 1] = metaFor(live, live, roundUp(live));
    this.usedBytes -= saved;
    this.idleBytes -= saved;
    this.expiry.restart(shard, page);
  }

  /** The number of the open page, or -1. */
  openPage(shard: number): number {
    return this.state.words[shard + LOG_OPEN] - 1;
  }

  /** Frees all pages and the table. */
  drop(shard: number): void {
    const { words } = this.state;
    const pages = words[shard + LOG_PAGES];
    for (let page = 0; page < pages; page++) if (this.metaOf(shard, page) !== 0) this.freeBlock(shard, page);
    this.resizeTable(shard, pages, 0);
    this.expiry.drop(shard);
    words[shard + LOG_PAGES] = 0;
    words[shard + LOG_OPEN] = 0;
    words[shard + LOG_FREE] = 0;
  }

  private appendToNewPage(shard: number, length: number, creditBytes: number): number {
    const page = this.takePageNumber(shard);
    if (page < 0) return -1;
    const block = this.arena.allocate(unitsFor(length), creditBytes);
    const table = this.tableOf(shard);
    const entry = this.entryOf(shard, page);
    const { words } = this.state;
    if (block === 0) {
      table[entry] = words[shard + LOG_FREE];
      table[entry + 1] = 0;
      words[shard + LOG_FREE] = page + 1;
      return -1;
    }
    table[entry] = block;
    table[entry + 1] = metaFor(0, 0, roundUp(length));
    this.usedBytes += roundUp(length);
    this.idleBytes += roundUp(length);
    words[shard + LOG_OPEN] = page + 1;
    this.use(table, entry, 0, length);
    return page << PAGE_SHIFT;
  }

  private takePageNumber(shard: number): number {
    const { words } = this.state;
    const free = words[shard + LOG_FREE];
    if (free !== 0) {
      words[shard + LOG_FREE] = this.tableOf(shard)[this.entryOf(shard, free - 1)];
      return free - 1;
    }
    const pages = words[shard + LOG_PAGES];
    if (pages >= MAX_PAGES || !this.resizeTable(shard, pages, pages + 1)) return -1;
    words[shard + LOG_PAGES] = pages + 1;
    return pages;
  }

  private use(table: Uint32Array, entry: number, fill: number, length: number): void {
    const { arena } = this;
    const page = table[entry];
    table[entry + 1] += length + (length << LIVE_SHIFT);
    this.idleBytes -= length;
    this.bytes = arena.bytes[page >>> arena.unitShift];
    this.at = (page & arena.unitMask) * UNIT_BYTES + fill;
  }

  /** Moves the open page to a larger block. */
  private enlarge(table: Uint32Array, entry: number, wanted: number, creditBytes: number): boolean {
    const { arena } = this;
    const old = table[entry];
    const meta = table[entry + 1];
    const oldBytes = blockBytes(meta);
    let bytes = Math.min(grownBytes(oldBytes, wanted), roundUp(this.pageBytes));
    let block = arena.allocate(bytes / UNIT_BYTES, oldBytes + creditBytes);
    if (block === 0) {
      bytes = roundUp(wanted);
      block = arena.allocate(bytes / UNIT_BYTES, oldBytes + creditBytes);
    }
    if (block === 0) return false;
    const from = (old & arena.unitMask) * UNIT_WORDS;
    const source = arena.words[old >>> arena.unitShift];
    const target = arena.words[block >>> arena.unitShift];
    const to = (block & arena.unitMask) * UNIT_WORDS;
    const end = from + ((meta & FILL_MASK) + 3) / 4;
    if (source === target) target.copyWithin(to, from, end);
    else target.set(source.subarray(from, end), to);
    arena.free(old, oldBytes / UNIT_BYTES);
    table[entry] = block;
    table[entry + 1] = metaFor(meta & FILL_MASK, (meta >>> LIVE_SHIFT) & FILL_MASK, bytes);
    this.usedBytes += bytes - oldBytes;
    this.idleBytes += bytes - oldBytes;
    return true;
  }

  private freePage(shard: number, page: number): void {
    const { words } = this.state;
    this.freeBlock(shard, page);
    const table = this.tableOf(shard);
    const entry = this.entryOf(shard, page);
    table[entry] = words[shard + LOG_FREE];
    table[entry + 1] = 0;
    words[shard + LOG_FREE] = page + 1;
    if (words[shard + LOG_OPEN] === page + 1) words[shard + LOG_OPEN] = 0;
  }

  private freeBlock(shard: number, page: number): void {
    const meta = this.metaOf(shard, page);
    const bytes = blockBytes(meta);
    this.expiry.remove(shard, page);
    this.usedBytes -= bytes;
    this.idleBytes -= bytes - ((meta >>> LIVE_SHIFT) & FILL_MASK);
    this.arena.free(this.tableOf(shard)[this.entryOf(shard, page)], bytes / UNIT_BYTES);
  }

  private resizeTable(shard: number, pages: number, wanted: number): boolean {
    if (!this.state.resizeTable(shard, LOG_TABLE, pages, wanted)) return false;
    this.usedBytes += (tableUnits(wanted) - tableUnits(pages)) * UNIT_BYTES;
    return true;
  }

  private metaOf(shard: number, page: number): number {
    return this.tableOf(shard)[this.entryOf(shard, page) + 1];
  }

  private tableOf(shard: number): Uint32Array {
    return this.arena.words[this.state.words[shard + LOG_TABLE] >>> this.arena.unitShift];
  }

  private entryOf(shard: number, page: number): number {
    return (this.state.words[shard + LOG_TABLE] & this.arena.unitMask) * UNIT_WORDS + page * PAIR_WORDS;
  }
}

/** Bits of the addresses in a log of so many pages. */
export function addressBits(pages: number): number {
  return PAGE_SHIFT + (pages < 2 ? 1 : 32 - Math.clz32(pages - 1));
}

function blockBytes(meta: number): number {
  return ((meta >>> BLOCKS_SHIFT) + 1) * BLOCK_BYTES;
}

function metaFor(fill: number, live: number, bytes: number): number {
  return fill | (live << LIVE_SHIFT) | ((bytes / BLOCK_BYTES - 1) << BLOCKS_SHIFT);
}

function roundUp(bytes: number): number {
  return Math.ceil(bytes / BLOCK_BYTES) * BLOCK_BYTES;
}

function unitsFor(bytes: number): number {
  return Math.ceil(bytes / BLOCK_BYTES) * BLOCK_UNITS;
}

function grownBytes(oldBytes: number, wanted: number): number {
  if (wanted <= GROWTH_BYTES) return Math.max(roundUp(wanted), Math.min(oldBytes * 2, GROWTH_BYTES));
  const step = wanted <= COARSE_FROM_BYTES ? GROWTH_BYTES : 2 * GROWTH_BYTES;
  return Math.ceil(wanted / step) * step;
}
