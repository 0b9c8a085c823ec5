/**
 * Takes holes out of log pages: writes a page's live records to a block of just their size, in their order, or, where
 * few are left, to the end of the page before it, so that the order in which records came survives. One page at a time: a
 * step moves at most 16 KiB, so nothing pauses.
 *
 * Which page: the one with most to gain among a few dozen that the cleaner looks at in turn, over all shards. Sampling
 * finds pages nearly as empty as a sorted list would, without any memory of its own.
 */
import type { Arena } from './arena.js';
import { UNIT_BYTES } from './arena.js';
import type { EntryLocator } from './entry-locator.js';
import type { ExpiryHeap } from './expiry-heap.js';
import type { PageTable } from './page-table.js';
import type { PolicySeat } from './policy-seat.js';
import { PAGE_SHIFT, type RecordLog } from './record-log.js';
import { copyRecord, isHole, storedLength } from './stored-record.js';
import { SHARD_WORDS } from './shard-state.js';

/** Pages with something to gain among which the best is chosen. */
const SAMPLE_PAGES = 48;
/** Pages that one choice looks at. */
const MAX_LOOKS = 256;
/** A page with at most this share of its size alive is joined with the page before it. */
const JOIN_SHARE = 0.25;

export class PageCleaner {
  /** Records moved so far, in bytes: the cost of cleaning. */
  movedBytes = 0;
  private shard = 0;
  private page = 0;
  private bestShard = 0;
  private bestPage = -1;
  private readonly shardsEnd: number;
  /** Of the page that is being moved: where the record at an offset has gone. */
  private readonly offsets = new Uint16Array(1 << PAGE_SHIFT);

  constructor(
    private readonly arena: Arena,
    private readonly log: RecordLog,
    private readonly pages: PageTable,
    private readonly expiry: ExpiryHeap,
    private readonly locator: EntryLocator,
    private readonly seat: PolicySeat,
    partitionCount: number,
  ) {
    this.shardsEnd = partitionCount * SHARD_WORDS;
  }

  /** Cleans one page that gives back at least `minGainBytes`; false where it has found none, or no memory to work with. */
  step(minGainBytes: number): boolean {
    return this.choose(minGainBytes) && this.clean(this.bestShard, this.bestPage);
  }

  /** Cleans this page if that gives back so much; false where it does not, or there is no memory to work with. */
  cleanPage(shard: number, page: number, minGainBytes: number): boolean {
    if (page >= this.log.pageCount(shard) || this.log.gainOf(shard, page) < minGainBytes) return false;
    return this.clean(shard, page);
  }

  private choose(minGainBytes: number): boolean {
    const { log } = this;
    let best = Math.max(minGainBytes, 1) - 1;
    let found = 0;
    this.bestPage = -1;
    let emptyShards = this.shardsEnd / SHARD_WORDS;
    for (let looks = 0; looks < MAX_LOOKS && found < SAMPLE_PAGES && emptyShards >= 0;) {
      if (this.page >= log.pageCount(this.shard)) {
        this.page = 0;
        this.shard += SHARD_WORDS;
        if (this.shard >= this.shardsEnd) this.shard = 0;
        emptyShards--;
        continue;
      }
      looks++;
      const gain = log.gainOf(this.shard, this.page);
      if (gain > 0) found++;
      if (gain > best) {
        best = gain;
        this.bestShard = this.shard;
        this.bestPage = this.page;
      }
      this.page++;
    }
    return this.bestPage >= 0;
  }

  private clean(shard: number, page: number): boolean {
    if (this.isSparse(shard, page) && this.join(shard, this.pages.previous(shard, page), page)) return true;
    if (!this.rewrite(shard, page)) return false;
    const next = this.pages.next(shard, page);
    if (next >= 0 && this.isSparse(shard, next)) this.join(shard, page, next);
    return true;
  }

  private isSparse(shard: number, page: number): boolean {
    return this.log.liveOf(shard, page) <= this.log.pageBytes * JOIN_SHARE;
  }

  /** Moves all records of a page to the end of the page before it, which frees the page; false where they do not fit. */
  private join(shard: number, target: number, page: number): boolean {
    const { log, pages, expiry } = this;
    if (target < 0 || !pages.isAlike(shard, target, page)) return false;
    const live = log.liveOf(shard, page);
    const offset = log.fillOf(shard, target);
    if (!log.extend(shard, target, live)) return false;
    this.copyLive(shard, page, target, log.memoryOf(shard, target), offset);
    const timeMs = expiry.timeOf(shard, page);
    this.seat.pageMoved(shard, page, target, offset, this.offsets);
    log.release(shard, page, live);
    // Releasing the page has given its place in the heap back.
    if (timeMs !== Infinity) expiry.add(shard, target, timeMs);
    return true;
  }

  /** Moves a page to a block of the size of its live records. */
  private rewrite(shard: number, page: number): boolean {
    const { log } = this;
    const live = log.liveOf(shard, page);
    const block = log.beginRewrite(shard, page, live);
    if (block === 0) return false;
    this.copyLive(shard, page, page, block, 0);
    log.finishRewrite(shard, page, block, live);
    this.seat.pageMoved(shard, page, page, 0, this.offsets);
    return true;
  }

  /** Copies what is alive in a page to an offset of another page's memory, and tells the index. */
  private copyLive(shard: number, page: number, target: number, targetMemory: number, targetOffset: number): void {
    const { arena, log, offsets } = this;
    const memory = log.memoryOf(shard, page);
    const bytes = arena.bytes[memory >>> arena.unitShift];
    const start = (memory & arena.unitMask) * UNIT_BYTES;
    const targetBytes = arena.bytes[targetMemory >>> arena.unitShift];
    const targetStart = (targetMemory & arena.unitMask) * UNIT_BYTES;
    const front = this.pages.frontOf(shard, page);
    const fill = log.fillOf(shard, page);
    let written = targetOffset;
    for (let offset = 0; offset < fill;) {
      const at = start + offset;
      if (isHole(bytes[at])) {
        offset += storedLength(bytes, at);
        continue;
      }
      const record = offset + front;
      const length = front + storedLength(bytes, at + front);
      copyRecord(bytes, at, targetBytes, targetStart + written, length);
      const moved = written + front;
      if (moved !== record || target !== page) {
        this.locator.redirect(shard, bytes, at + front, (page << PAGE_SHIFT) | record, (target << PAGE_SHIFT) | moved);
      }
      offsets[record] = moved;
      written += length;
      offset += length;
    }
    this.movedBytes += written - targetOffset;
  }
}
