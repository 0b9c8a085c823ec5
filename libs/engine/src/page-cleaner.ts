/**
 * Takes holes out of log pages: writes a page's live records to a block of just their size, in their order, or, where
 * few are left, to the open page of their shard. One page at a time: a step moves at most 8 KiB, so nothing pauses.
 *
 * Which page: the one with most to gain among a few dozen that the cleaner looks at in turn, over all shards. Sampling
 * finds pages nearly as empty as a sorted list would, without any memory of its own.
 */
import type { Arena } from './arena.js';
import { UNIT_BYTES } from './arena.js';
import type { EntryLocator } from './entry-locator.js';
import type { ExpiryHeap } from './expiry-heap.js';
import { PAGE_SHIFT, type RecordLog } from './record-log.js';
import { copyRecord, isHole, makeHole, storedLength } from './stored-record.js';
import { SHARD_WORDS } from './shard-state.js';

/** Pages with something to gain among which the best is chosen. */
const SAMPLE_PAGES = 48;
/** Pages that one choice looks at. */
const MAX_LOOKS = 256;
/** A page with at most this share of its size alive is joined with the open page. */
const JOIN_SHARE = 0.25;

export class PageCleaner {
  /** Records moved so far, in bytes: the cost of cleaning. */
  movedBytes = 0;
  private shard = 0;
  private page = 0;
  private bestShard = 0;
  private bestPage = -1;
  private readonly shardsEnd: number;

  constructor(
    private readonly arena: Arena,
    private readonly log: RecordLog,
    private readonly expiry: ExpiryHeap,
    private readonly locator: EntryLocator,
    partitionCount: number,
  ) {
    this.shardsEnd = partitionCount * SHARD_WORDS;
  }

  /** Cleans one page that gives back at least `minGainBytes`; false where it has found none, or no memory to work with. */
  step(minGainBytes: number): boolean {
    return this.choose(minGainBytes) && this.clean(this.bestShard, this.bestPage);
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
    const { log } = this;
    const live = log.liveOf(shard, page);
    if (page !== log.openPage(shard) && live <= log.pageBytes * JOIN_SHARE && this.join(shard, page)) return true;
    return this.rewrite(shard, page);
  }

  /** Moves all records of a page to the open one; that frees the page. */
  private join(shard: number, page: number): boolean {
    const { arena, log, expiry } = this;
    const memory = log.memoryOf(shard, page);
    const bytes = arena.bytes[memory >>> arena.unitShift];
    const start = (memory & arena.unitMask) * UNIT_BYTES;
    const timeMs = expiry.timeOf(shard, page);
    let left = log.liveOf(shard, page);
    for (let offset = 0; left > 0;) {
      const at = start + offset;
      const length = storedLength(bytes, at);
      const address = (page << PAGE_SHIFT) | offset;
      offset += length;
      if (isHole(bytes[at])) continue;
      if (timeMs !== Infinity && !expiry.reserve(shard)) return false;
      const moved = log.append(shard, length, 0);
      if (moved < 0) return false;
      if (timeMs !== Infinity) expiry.add(shard, moved >>> PAGE_SHIFT, timeMs);
      copyRecord(bytes, at, log.bytes, log.at, length);
      this.locator.redirect(shard, bytes, at, address, moved);
      makeHole(bytes, at);
      this.movedBytes += length;
      left -= length;
      log.release(shard, address, length);
    }
    return true;
  }

  private rewrite(shard: number, page: number): boolean {
    const { arena, log } = this;
    const block = log.beginRewrite(shard, page);
    if (block === 0) return false;
    const memory = log.memoryOf(shard, page);
    const bytes = arena.bytes[memory >>> arena.unitShift];
    const start = (memory & arena.unitMask) * UNIT_BYTES;
    const target = arena.bytes[block >>> arena.unitShift];
    const targetStart = (block & arena.unitMask) * UNIT_BYTES;
    const fill = log.fillOf(shard, page);
    let written = 0;
    for (let offset = 0; offset < fill;) {
      const at = start + offset;
      const length = storedLength(bytes, at);
      if (!isHole(bytes[at])) {
        copyRecord(bytes, at, target, targetStart + written, length);
        if (written !== offset) {
          this.locator.redirect(shard, bytes, at, (page << PAGE_SHIFT) | offset, (page << PAGE_SHIFT) | written);
        }
        written += length;
      }
      offset += length;
    }
    this.movedBytes += written;
    log.finishRewrite(shard, page, block);
    return true;
  }
}
