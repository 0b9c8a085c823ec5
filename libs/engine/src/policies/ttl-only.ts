/**
 * Evicts what expires soonest; what has no expiry stays. The heap of the active expiry holds pages by the earliest expiry
 * in them, so a victim costs the reading of one page, and the policy needs no memory and no work per use.
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

export class TtlOnlyPolicy extends QuietPolicy {
  private victimOffset = 0;

  constructor(private readonly context: PolicyContext) {
    super();
  }

  override evict(maxEntries: number, _nowMs: number, visit: VictimVisitor): number {
    const { heap, evictable, log } = this.context;
    let victims = 0;
    for (let idle = 0; victims < maxEntries && idle < MAX_IDLE_PAGES;) {
      if (!heap.findSoonest(evictable)) break;
      const { soonestShard: shard, soonestPage: page } = heap;
      if (!this.readPage(shard, page)) {
        idle++;
        continue;
      }
      victims++;
      visit(shard / SHARD_WORDS, log.memoryOf(shard, page) * UNIT_BYTES + this.victimOffset);
    }
    return victims;
  }

  /**
   * Finds the page's entry that expires soonest; false where the heap had another time for it. Then the heap learns
   * the right one, and the next page may be another.
   */
  private readPage(shard: number, page: number): boolean {
    const { arena, log, heap } = this.context;
    const memory = log.memoryOf(shard, page);
    const bytes = arena.bytes[memory >>> arena.unitShift];
    const start = (memory & arena.unitMask) * UNIT_BYTES;
    const front = log.frontOf(shard, page);
    const end = start + log.fillOf(shard, page);
    let soonestMs = Infinity;
    for (let at = start; at < end; at += storedLength(bytes, at)) {
      if (isHole(bytes[at])) continue;
      at += front;
      if ((bytes[at] & EXPIRY_FLAG) === 0) continue;
      const expiresAtMs = this.expiryOf(bytes, at);
      if (expiresAtMs >= soonestMs) continue;
      soonestMs = expiresAtMs;
      this.victimOffset = at - start;
    }
    if (soonestMs <= heap.timeOf(shard, page)) return true;
    heap.change(shard, page, soonestMs);
    return false;
  }

  private expiryOf(bytes: Uint8Array, at: number): number {
    const { locator } = this.context;
    locator.open(bytes, at);
    const { buffer, bodyOffset } = locator;
    return readExpiry(buffer, expiryOffset(buffer, bodyOffset), buffer[bodyOffset]);
  }
}
