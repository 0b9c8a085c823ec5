/** Hands out what is due, page by page in the order of the expiry heap, in bounded steps. */
import { type Arena, UNIT_BYTES } from './arena.js';
import type { EntryLocator } from './entry-locator.js';
import type { ExpiryHeap } from './expiry-heap.js';
import { EXPIRY_FLAG, readExpiry } from './record.js';
import type { RecordLog } from './record-log.js';
import { SHARD_WORDS } from './shard-state.js';
import { expiryOffset, isHole, storedLength } from './stored-record.js';

/** Records that one collection may look at without handing them out. */
const MIN_WORK = 2048;
const WORK_PER_VISIT = 16;

export class ExpiryCollector {
  private work = 0;
  private visitsLeft = 0;
  /** What the open page must be looked at for again: the earliest time among what has been read and stays. */
  private laterMs = Infinity;

  constructor(
    private readonly arena: Arena,
    private readonly log: RecordLog,
    private readonly heap: ExpiryHeap,
    private readonly locator: EntryLocator,
  ) {}

  /** See StoreEngine.collectExpired. */
  collect(nowMs: number, maxEntries: number, visit: (partition: number, ref: number) => void): number {
    this.work = MIN_WORK + maxEntries * WORK_PER_VISIT;
    this.visitsLeft = maxEntries;
    while (this.work > 0 && this.visitsLeft > 0 && this.heap.openDue(nowMs)) this.readPage(nowMs, visit);
    return maxEntries - this.visitsLeft;
  }

  /** Reads on in the open page; closes it at its end. */
  private readPage(nowMs: number, visit: (partition: number, ref: number) => void): void {
    const { arena, log, heap } = this;
    const { openShard: shard, openPage: page } = heap;
    const memory = log.memoryOf(shard, page);
    const bytes = arena.bytes[memory >>> arena.unitShift];
    const start = (memory & arena.unitMask) * UNIT_BYTES;
    const front = log.frontOf(shard, page);
    if (heap.openOffset === 0) this.laterMs = Infinity;
    while (heap.openOffset < log.fillOf(shard, page)) {
      if (this.work <= 0 || this.visitsLeft <= 0) return;
      this.work--;
      const offset = heap.openOffset;
      const hole = isHole(bytes[start + offset]);
      const at = hole ? start + offset : start + offset + front;
      heap.openOffset = at - start + storedLength(bytes, at);
      if (hole || (bytes[at] & EXPIRY_FLAG) === 0) continue;
      const expiresAtMs = this.expiryOf(bytes, at);
      if (expiresAtMs > nowMs) {
        this.laterMs = Math.min(this.laterMs, expiresAtMs);
        continue;
      }
      this.visitsLeft--;
      visit(shard / SHARD_WORDS, memory * UNIT_BYTES + (at - start));
      if (heap.openShard !== shard) return;
      if (!isHole(bytes[start + offset])) this.laterMs = Math.min(this.laterMs, nowMs + 1);
    }
    heap.openShard = -1;
    heap.change(shard, page, this.laterMs);
  }

  private expiryOf(bytes: Uint8Array, at: number): number {
    const { locator } = this;
    locator.open(bytes, at);
    const { buffer, bodyOffset } = locator;
    return readExpiry(buffer, expiryOffset(buffer, bodyOffset), buffer[bodyOffset]);
  }
}
