/**
 * Evicts what expires soonest; what has no expiry stays. The heap of the active expiry holds pages by the earliest expiry
 * in them, so the policy needs no memory and no work per use, and a victim costs the reading of one page. The order is
 * exact where few are asked for. Where many are, several of a page go at a time: the soonest of a hundred or so.
 * (Sampling a few entries at random, as Redis does for volatile-ttl, is no cheaper here and much less exact.)
 */
import { UNIT_BYTES } from '../arena.js';
import { EXPIRY_FLAG, readExpiry } from '../record.js';
import { SHARD_WORDS } from '../shard-state.js';
import { expiryOffset, isHole, storedLength } from '../stored-record.js';
import type { VictimVisitor } from './eviction-policy.js';
import type { PolicyContext } from './policy-context.js';
import { QuietPolicy } from './quiet-policy.js';

/** Pages that one call reads in vain: their times were too early, because entries have gone or live longer now. */
const MAX_IDLE_PAGES = 256;
/** Victims of a page: at least one, at most one of so many that are asked for and of so many that it has, and so many in all. */
const ASKED_PER_VICTIM = 8;
const ENTRIES_PER_VICTIM = 16;
const MAX_VICTIMS = 4;

export class TtlOnlyPolicy extends QuietPolicy {
  /** Of the page that was read: the entries that expire soonest, in this order, and one more, which stays. */
  private readonly timesMs = new Float64Array(MAX_VICTIMS + 1);
  private readonly offsets = new Uint16Array(MAX_VICTIMS + 1);
  private found = 0;
  /** Its entries that expire. */
  private expiring = 0;

  constructor(private readonly context: PolicyContext) {
    super();
  }

  override evict(maxEntries: number, _nowMs: number, visit: VictimVisitor): number {
    const { heap, evictable } = this.context;
    const most = Math.min(Math.max(Math.floor(maxEntries / ASKED_PER_VICTIM), 1), MAX_VICTIMS);
    let victims = 0;
    for (let idle = 0; victims < maxEntries && idle < MAX_IDLE_PAGES;) {
      if (!heap.findSoonest(evictable)) break;
      const { soonestShard: shard, soonestPage: page } = heap;
      this.readPage(shard, page, most + 1);
      if (this.found > 0 && this.timesMs[0] <= heap.timeOf(shard, page)) {
        const share = Math.max(Math.floor(this.expiring / ENTRIES_PER_VICTIM), 1);
        victims += this.offer(shard, page, Math.min(most, share, maxEntries - victims), visit);
      } else {
        idle++;
        heap.change(shard, page, this.found === 0 ? Infinity : this.timesMs[0]);
      }
    }
    return victims;
  }

  /** Finds the page's `count` entries that expire soonest. */
  private readPage(shard: number, page: number, count: number): void {
    const { arena, log } = this.context;
    const memory = log.memoryOf(shard, page);
    const bytes = arena.bytes[memory >>> arena.unitShift];
    const start = (memory & arena.unitMask) * UNIT_BYTES;
    const front = log.frontOf(shard, page);
    const end = start + log.fillOf(shard, page);
    this.found = 0;
    this.expiring = 0;
    for (let at = start; at < end; at += storedLength(bytes, at)) {
      if (isHole(bytes[at])) continue;
      at += front;
      if ((bytes[at] & EXPIRY_FLAG) === 0) continue;
      this.expiring++;
      this.note(this.expiryOf(bytes, at), at - start, count);
    }
  }

  private note(timeMs: number, offset: number, count: number): void {
    const { timesMs, offsets } = this;
    if (this.found === count && timeMs >= timesMs[count - 1]) return;
    if (this.found < count) this.found++;
    let place = this.found - 1;
    for (; place > 0 && timesMs[place - 1] > timeMs; place--) {
      timesMs[place] = timesMs[place - 1];
      offsets[place] = offsets[place - 1];
    }
    timesMs[place] = timeMs;
    offsets[place] = offset;
  }

  /** Offers the first `count` entries that were found, and tells the heap what the page holds then. */
  private offer(shard: number, page: number, count: number, visit: VictimVisitor): number {
    const { log, heap } = this.context;
    const memory = log.memoryOf(shard, page);
    let soonestMs = this.found > count ? this.timesMs[count] : Infinity;
    for (let i = 0; i < count; i++) {
      visit(shard / SHARD_WORDS, memory * UNIT_BYTES + this.offsets[i]);
      // The page goes with its last record.
      if (page >= log.pageCount(shard) || log.memoryOf(shard, page) !== memory) return i + 1;
      if (!this.isGone(shard, page, this.offsets[i])) soonestMs = Math.min(soonestMs, this.timesMs[i]);
    }
    heap.change(shard, page, soonestMs);
    return count;
  }

  private isGone(shard: number, page: number, offset: number): boolean {
    const { arena, log } = this.context;
    const memory = log.memoryOf(shard, page);
    const start = (memory & arena.unitMask) * UNIT_BYTES;
    return isHole(arena.bytes[memory >>> arena.unitShift][start + offset - log.frontOf(shard, page)]);
  }

  private expiryOf(bytes: Uint8Array, at: number): number {
    const { locator } = this.context;
    locator.open(bytes, at);
    const { buffer, bodyOffset } = locator;
    return readExpiry(buffer, expiryOffset(buffer, bodyOffset), buffer[bodyOffset]);
  }
}
