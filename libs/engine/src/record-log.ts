/**
 * The records of all shards, each shard's in a log of its own: pages of up to 8 KiB that fill from front to back, one
 * open at a time. An address is local to the shard: page number, then 13 bits of offset. It needs few bits, so that
 * an index slot of 4 bytes has room for it and a tag, and a store may exceed what 32 bits address.
 *
 * A page begins small and grows with what is written to it, so that hundreds of shards with little in them, or a
 * little more than full pages, waste little. Removing leaves a hole; {@link PageCleaner} takes holes out, and keeps the
 * order: within a queue (page-table.ts) records lie in the order in which they came.
 *
 * Where the policy wants so, each record has bytes in front of it; an address is always that of the record's first byte.
 */
import { type Arena, UNIT_BYTES, UNIT_WORDS } from './arena.js';
import type { ExpiryHeap } from './expiry-heap.js';
import { FRONT_BYTES, type PageTable, QUEUES } from './page-table.js';
import type { PrefetchPlaces } from './prefetch-places.js';
import { LOG_LIVE, LOG_OPEN, LOG_PAGES, type ShardState } from './shard-state.js';

export const PAGE_SHIFT = 13;
export const OFFSET_MASK = (1 << PAGE_SHIFT) - 1;
/** 28 bits of address: 256 MiB of records in one shard, beside what lies outside the log. */
export const MAX_ADDRESS_BITS = 28;
export const MAX_PAGES = 1 << (MAX_ADDRESS_BITS - PAGE_SHIFT);
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
  /** How new pages are laid out: an index of FRONT_BYTES. */
  layout = 0;
  /** Bytes of page blocks. */
  blockBytes = 0;
  /** Bytes of page blocks that no record uses. */
  idleBytes = 0;
  /** The largest fill of a page. */
  readonly pageBytes: number;

  constructor(
    private readonly arena: Arena,
    private readonly state: ShardState,
    private readonly pages: PageTable,
    private readonly expiry: ExpiryHeap,
  ) {
    this.pageBytes = Math.min(FILL_MASK, arena.segmentBytes / 2);
  }

  /** Bytes of pages and their tables. */
  get usedBytes(): number {
    return this.blockBytes + this.pages.usedBytes;
  }

  /** Reserves `length` bytes for a record, newest of its queue, and answers its address, or -1 without memory. */
  append(shard: number, queue: number, length: number, creditBytes: number): number {
    const open = this.state.words[shard + LOG_OPEN + queue];
    const front = FRONT_BYTES[this.layout];
    const taken = front + length;
    if (open === 0) return this.appendToNewPage(shard, queue, taken, creditBytes);
    const entry = this.entryOf(shard, open - 1);
    const table = this.tableOf(shard);
    const fill = table[entry + 1] & FILL_MASK;
    if (fill + taken > this.pageBytes) return this.appendToNewPage(shard, queue, taken, creditBytes);
    if (!this.makeRoom(table, entry, fill + taken, creditBytes)) return -1;
    this.use(shard, table, entry, fill, taken);
    return ((open - 1) << PAGE_SHIFT) | (fill + front);
  }

  /** Reserves `bytes` at the end of a page; false where there is no memory, or no room. */
  extend(shard: number, page: number, bytes: number): boolean {
    const table = this.tableOf(shard);
    const entry = this.entryOf(shard, page);
    const fill = table[entry + 1] & FILL_MASK;
    if (fill + bytes > this.pageBytes || !this.makeRoom(table, entry, fill + bytes, 0)) return false;
    this.use(shard, table, entry, fill, bytes);
    return true;
  }

  locate(shard: number, address: number): void {
    const { arena } = this;
    const page = this.tableOf(shard)[this.entryOf(shard, address >>> PAGE_SHIFT)];
    this.bytes = arena.bytes[page >>> arena.unitShift];
    this.at = (page & arena.unitMask) * UNIT_BYTES + (address & OFFSET_MASK);
    this.ref = page * UNIT_BYTES + (address & OFFSET_MASK);
  }

  /** Notes where a record begins. */
  placeOf(shard: number, address: number, into: PrefetchPlaces): void {
    const { arena } = this;
    const page = this.tableOf(shard)[this.entryOf(shard, address >>> PAGE_SHIFT)];
    into.add(page >>> arena.unitShift, (page & arena.unitMask) * UNIT_BYTES + (address & OFFSET_MASK));
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

  /** Counts `length` bytes of a page out that have become a hole; gives an empty page back. */
  release(shard: number, page: number, length: number): void {
    const table = this.tableOf(shard);
    const entry = this.entryOf(shard, page);
    table[entry + 1] -= length << LIVE_SHIFT;
    this.state.words[shard + LOG_LIVE] -= length;
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

  /** Bytes in front of each record of a page. */
  frontOf(shard: number, page: number): number {
    return this.pages.frontOf(shard, page);
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

  /** A block for `live` bytes in place of a page's, which {@link finishRewrite} makes the page's own; 0 without memory. */
  beginRewrite(shard: number, page: number, live: number): number {
    return this.arena.allocate(unitsFor(live), blockBytes(this.metaOf(shard, page)));
  }

  finishRewrite(shard: number, page: number, block: number, live: number): void {
    const table = this.tableOf(shard);
    const entry = this.entryOf(shard, page);
    const meta = table[entry + 1];
    const oldLive = (meta >>> LIVE_SHIFT) & FILL_MASK;
    const saved = blockBytes(meta) - roundUp(live);
    this.arena.free(table[entry], blockBytes(meta) / UNIT_BYTES);
    table[entry] = block;
    table[entry + 1] = metaFor(live, live, roundUp(live));
    this.blockBytes -= saved;
    this.idleBytes += oldLive - live - saved;
    this.state.words[shard + LOG_LIVE] -= oldLive - live;
    this.expiry.restart(shard, page);
  }

  /** Frees all pages and the tables. */
  drop(shard: number): void {
    const { words } = this.state;
    const pages = words[shard + LOG_PAGES];
    for (let page = 0; page < pages; page++) if (this.metaOf(shard, page) !== 0) this.freeBlock(shard, page);
    this.pages.drop(shard);
    words[shard + LOG_LIVE] = 0;
    this.closePages(shard);
  }

  /** Lets new records begin new pages. */
  closePages(shard: number): void {
    const { words } = this.state;
    for (let queue = 0; queue < QUEUES; queue++) words[shard + LOG_OPEN + queue] = 0;
  }

  private appendToNewPage(shard: number, queue: number, length: number, creditBytes: number): number {
    const { pages } = this;
    const page = pages.takeNumber(shard);
    if (page < 0) return -1;
    const block = this.arena.allocate(unitsFor(length), creditBytes);
    if (block === 0) {
      pages.giveNumber(shard, page);
      return -1;
    }
    const table = this.tableOf(shard);
    const entry = this.entryOf(shard, page);
    table[entry] = block;
    table[entry + 1] = metaFor(0, 0, roundUp(length));
    this.blockBytes += roundUp(length);
    this.idleBytes += roundUp(length);
    pages.enqueue(shard, queue, page, this.layout);
    this.state.words[shard + LOG_OPEN + queue] = page + 1;
    this.use(shard, table, entry, 0, length);
    return (page << PAGE_SHIFT) | FRONT_BYTES[this.layout];
  }

  /** Counts `length` bytes behind the page's fill in, and points at the record there. */
  private use(shard: number, table: Uint32Array, entry: number, fill: number, length: number): void {
    const { arena } = this;
    const page = table[entry];
    table[entry + 1] += length + (length << LIVE_SHIFT);
    this.state.words[shard + LOG_LIVE] += length;
    this.idleBytes -= length;
    this.bytes = arena.bytes[page >>> arena.unitShift];
    this.at = (page & arena.unitMask) * UNIT_BYTES + fill + FRONT_BYTES[this.layout];
  }

  /** Moves a page to a larger block where `wanted` bytes do not fit. */
  private makeRoom(table: Uint32Array, entry: number, wanted: number, creditBytes: number): boolean {
    const { arena } = this;
    const old = table[entry];
    const meta = table[entry + 1];
    const oldBytes = blockBytes(meta);
    if (wanted <= oldBytes) return true;
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
    this.blockBytes += bytes - oldBytes;
    this.idleBytes += bytes - oldBytes;
    return true;
  }

  private freePage(shard: number, page: number): void {
    const { words } = this.state;
    const { pages } = this;
    for (let queue = 0; queue < QUEUES; queue++) {
      if (words[shard + LOG_OPEN + queue] === page + 1) words[shard + LOG_OPEN + queue] = 0;
    }
    this.freeBlock(shard, page);
    pages.unlink(shard, page);
    pages.giveNumber(shard, page);
  }

  private freeBlock(shard: number, page: number): void {
    const meta = this.metaOf(shard, page);
    const bytes = blockBytes(meta);
    this.expiry.remove(shard, page);
    this.pages.setStale(shard, page, false);
    this.pages.setLoose(shard, page, false);
    this.blockBytes -= bytes;
    this.idleBytes -= bytes - ((meta >>> LIVE_SHIFT) & FILL_MASK);
    this.arena.free(this.tableOf(shard)[this.entryOf(shard, page)], bytes / UNIT_BYTES);
  }

  private metaOf(shard: number, page: number): number {
    return this.pages.metaOf(shard, page);
  }

  private tableOf(shard: number): Uint32Array {
    return this.pages.tableOf(shard);
  }

  private entryOf(shard: number, page: number): number {
    return this.pages.entryOf(shard, page);
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
