/**
 * The pages of the shards' logs: their numbers, where they lie, and their order. Numbers are given out again when a page
 * is freed, so a page's number says nothing about its age; each shard therefore keeps its pages in doubly linked queues, in
 * the order in which they were opened. Policies that evict what came first walk them (DESIGN of SIEVE and S3-FIFO).
 *
 *     log table entry:  address u32 | fill : 13, live : 13, blocks - 1 : 5
 *     side table entry: place in the expiry heap : 26, queue : 1, layout : 3, stale : 1, loose : 1 | next page + 1 : 16, previous + 1 : 16
 *
 * What every look-up needs stands in a table of its own, for the sake of the processor's caches.
 */
import { type Arena, UNIT_BYTES, UNIT_WORDS } from './arena.js';
import {
  LOG_FIRST,
  LOG_FREE,
  LOG_LAST,
  LOG_PAGES,
  LOG_TABLE,
  PAIR_WORDS,
  SIDE_TABLE,
  type ShardState,
  tableUnits,
} from './shard-state.js';

const HEAP_BITS = 26;
/** The largest place in the expiry heap that fits. */
export const MAX_HEAP_PLACE = 2 ** HEAP_BITS - 1;
const QUEUE_BIT = 1 << HEAP_BITS;
const LAYOUT_SHIFT = HEAP_BITS + 1;
const LAYOUT_BITS = 3;
const LAYOUT_MASK = (1 << LAYOUT_BITS) - 1;
const STALE_BIT = 1 << (LAYOUT_SHIFT + LAYOUT_BITS);
const LOOSE_BIT = 1 << (LAYOUT_SHIFT + LAYOUT_BITS + 1);
const LINK_BITS = 16;
const LINK_MASK = (1 << LINK_BITS) - 1;

/** Queues of pages per shard. */
export const QUEUES = 2;
/**
 * Bytes in front of each record of a page, by the page's layout: what linked policies keep (record-lists.ts), and the same
 * once more with the times of entries (record-times.ts). No two are alike.
 */
export const FRONT_BYTES = [0, 10, 20, 9, 19, 24] as const;

export class PageTable {
  /** Bytes of all tables. */
  usedBytes = 0;
  /** Pages that were written for an earlier policy. */
  stalePages = 0;
  /** Pages with records that no list has although it should. */
  loosePages = 0;

  /** `maxPages`: how many pages of a shard addresses can name. */
  constructor(
    private readonly arena: Arena,
    private readonly state: ShardState,
    public maxPages: number,
  ) {}

  /** A free page number, or -1 where memory or the bits of an address do not allow one. */
  takeNumber(shard: number): number {
    const { words } = this.state;
    const free = words[shard + LOG_FREE];
    if (free > this.maxPages) return -1;
    if (free !== 0) {
      words[shard + LOG_FREE] = this.tableOf(shard)[this.entryOf(shard, free - 1)];
      return free - 1;
    }
    const pages = words[shard + LOG_PAGES];
    if (pages >= this.maxPages || !this.resize(shard, pages, pages + 1)) return -1;
    words[shard + LOG_PAGES] = pages + 1;
    return pages;
  }

  giveNumber(shard: number, page: number): void {
    const { words } = this.state;
    const table = this.tableOf(shard);
    const entry = this.entryOf(shard, page);
    table[entry] = words[shard + LOG_FREE];
    table[entry + 1] = 0;
    words[shard + LOG_FREE] = page + 1;
  }

  /** Frees the tables of a shard whose pages are gone. */
  drop(shard: number): void {
    const { words } = this.state;
    this.resize(shard, words[shard + LOG_PAGES], 0);
    words[shard + LOG_PAGES] = 0;
    words[shard + LOG_FREE] = 0;
    for (let queue = 0; queue < QUEUES; queue++) {
      words[shard + LOG_FIRST + queue] = 0;
      words[shard + LOG_LAST + queue] = 0;
    }
  }

  /** Puts a page at the new end of a queue. */
  enqueue(shard: number, queue: number, page: number, layout: number): void {
    const { words } = this.state;
    const last = words[shard + LOG_LAST + queue];
    const side = this.sideOf(shard);
    const entry = this.sideEntryOf(shard, page);
    side[entry] = (queue === 0 ? 0 : QUEUE_BIT) | (layout << LAYOUT_SHIFT);
    side[entry + 1] = (last << LINK_BITS) >>> 0;
    if (last === 0) words[shard + LOG_FIRST + queue] = page + 1;
    else this.setNext(side, this.sideEntryOf(shard, last - 1), page + 1);
    words[shard + LOG_LAST + queue] = page + 1;
  }

  /** Puts the pages of the second queue before those of the first. */
  joinQueues(shard: number): void {
    const { words } = this.state;
    if (words[shard + LOG_FIRST + 1] === 0) return;
    const side = this.sideOf(shard);
    for (let page = this.first(shard, 1); page >= 0; page = this.next(shard, page)) {
      side[this.sideEntryOf(shard, page)] &= ~QUEUE_BIT;
    }
    const first = words[shard + LOG_FIRST];
    const last = words[shard + LOG_LAST + 1];
    if (first === 0) words[shard + LOG_LAST] = last;
    else this.setPrevious(side, this.sideEntryOf(shard, first - 1), last);
    this.setNext(side, this.sideEntryOf(shard, last - 1), first);
    words[shard + LOG_FIRST] = words[shard + LOG_FIRST + 1];
    words[shard + LOG_FIRST + 1] = 0;
    words[shard + LOG_LAST + 1] = 0;
  }

  /** Takes a page out of its queue. */
  unlink(shard: number, page: number): void {
    const { words } = this.state;
    const side = this.sideOf(shard);
    const entry = this.sideEntryOf(shard, page);
    const queue = (side[entry] & QUEUE_BIT) === 0 ? 0 : 1;
    const next = side[entry + 1] & LINK_MASK;
    const previous = side[entry + 1] >>> LINK_BITS;
    if (previous === 0) words[shard + LOG_FIRST + queue] = next;
    else this.setNext(side, this.sideEntryOf(shard, previous - 1), next);
    if (next === 0) words[shard + LOG_LAST + queue] = previous;
    else this.setPrevious(side, this.sideEntryOf(shard, next - 1), previous);
  }

  /** The oldest page of a queue, or -1. */
  first(shard: number, queue: number): number {
    return this.state.words[shard + LOG_FIRST + queue] - 1;
  }

  /** The newest page of a queue, or -1. */
  last(shard: number, queue: number): number {
    return this.state.words[shard + LOG_LAST + queue] - 1;
  }

  /** The page behind this one in its queue, or -1. */
  next(shard: number, page: number): number {
    return (this.sideOf(shard)[this.sideEntryOf(shard, page) + 1] & LINK_MASK) - 1;
  }

  /** The page before this one in its queue, or -1. */
  previous(shard: number, page: number): number {
    return (this.sideOf(shard)[this.sideEntryOf(shard, page) + 1] >>> LINK_BITS) - 1;
  }

  queueOf(shard: number, page: number): number {
    return (this.sideOf(shard)[this.sideEntryOf(shard, page)] & QUEUE_BIT) === 0 ? 0 : 1;
  }

  layoutOf(shard: number, page: number): number {
    return (this.sideOf(shard)[this.sideEntryOf(shard, page)] >>> LAYOUT_SHIFT) & LAYOUT_MASK;
  }

  setLayout(shard: number, page: number, layout: number): void {
    const side = this.sideOf(shard);
    const entry = this.sideEntryOf(shard, page);
    side[entry] = (side[entry] & ~(LAYOUT_MASK << LAYOUT_SHIFT)) | (layout << LAYOUT_SHIFT);
  }

  /** Bytes in front of each record of the page. */
  frontOf(shard: number, page: number): number {
    return FRONT_BYTES[this.layoutOf(shard, page)];
  }

  /** Whether the page was written for an earlier policy. */
  isStale(shard: number, page: number): boolean {
    return (this.sideOf(shard)[this.sideEntryOf(shard, page)] & STALE_BIT) !== 0;
  }

  setStale(shard: number, page: number, isStale: boolean): void {
    if (this.isStale(shard, page) === isStale) return;
    this.sideOf(shard)[this.sideEntryOf(shard, page)] ^= STALE_BIT;
    this.stalePages += isStale ? 1 : -1;
  }

  setLoose(shard: number, page: number, isLoose: boolean): void {
    const side = this.sideOf(shard);
    const entry = this.sideEntryOf(shard, page);
    if (((side[entry] & LOOSE_BIT) !== 0) === isLoose) return;
    side[entry] ^= LOOSE_BIT;
    this.loosePages += isLoose ? 1 : -1;
  }

  /** Whether the page is stale or loose. */
  needsAdoption(shard: number, page: number): boolean {
    return (this.sideOf(shard)[this.sideEntryOf(shard, page)] & (STALE_BIT | LOOSE_BIT)) !== 0;
  }

  /** Whether two pages are laid out alike, for the same policy. */
  isAlike(shard: number, page: number, other: number): boolean {
    const side = this.sideOf(shard);
    const difference = side[this.sideEntryOf(shard, page)] ^ side[this.sideEntryOf(shard, other)];
    return (difference & (STALE_BIT | LOOSE_BIT | (LAYOUT_MASK << LAYOUT_SHIFT))) === 0;
  }

  /** A page's place in the expiry heap, or 0. */
  heapPlaceOf(shard: number, page: number): number {
    return this.sideOf(shard)[this.sideEntryOf(shard, page)] & MAX_HEAP_PLACE;
  }

  setHeapPlace(shard: number, page: number, place: number): void {
    const side = this.sideOf(shard);
    const entry = this.sideEntryOf(shard, page);
    side[entry] = (side[entry] & ~MAX_HEAP_PLACE) | place;
  }

  tableOf(shard: number): Uint32Array {
    return this.arena.words[this.state.words[shard + LOG_TABLE] >>> this.arena.unitShift];
  }

  entryOf(shard: number, page: number): number {
    return (this.state.words[shard + LOG_TABLE] & this.arena.unitMask) * UNIT_WORDS + page * PAIR_WORDS;
  }

  metaOf(shard: number, page: number): number {
    return this.tableOf(shard)[this.entryOf(shard, page) + 1];
  }

  private sideOf(shard: number): Uint32Array {
    return this.arena.words[this.state.words[shard + SIDE_TABLE] >>> this.arena.unitShift];
  }

  private sideEntryOf(shard: number, page: number): number {
    return (this.state.words[shard + SIDE_TABLE] & this.arena.unitMask) * UNIT_WORDS + page * PAIR_WORDS;
  }

  private setNext(side: Uint32Array, entry: number, link: number): void {
    side[entry + 1] = ((side[entry + 1] & ~LINK_MASK) | link) >>> 0;
  }

  private setPrevious(side: Uint32Array, entry: number, link: number): void {
    side[entry + 1] = ((side[entry + 1] & LINK_MASK) | (link << LINK_BITS)) >>> 0;
  }

  private resize(shard: number, pages: number, wanted: number): boolean {
    const { state } = this;
    if (!state.resizeTable(shard, LOG_TABLE, pages, wanted)) return false;
    if (!state.resizeTable(shard, SIDE_TABLE, pages, wanted)) {
      state.resizeTable(shard, LOG_TABLE, wanted, pages);
      return false;
    }
    this.usedBytes += 2 * (tableUnits(wanted) - tableUnits(pages)) * UNIT_BYTES;
    return true;
  }
}
