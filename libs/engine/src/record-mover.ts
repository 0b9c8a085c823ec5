/** Moves single records to the newest end of a queue of their shard. */
import type { EntryLocator } from './entry-locator.js';
import type { ExpiryHeap } from './expiry-heap.js';
import type { PageTable } from './page-table.js';
import { PAGE_SHIFT, type RecordLog } from './record-log.js';
import { carryTimes } from './record-times.js';
import { copyRecord, storedLength, writeHole } from './stored-record.js';

export class RecordMover {
  /** Where the last record that was moved lies now. */
  bytes: Uint8Array = new Uint8Array(0);
  at = 0;
  /** Records moved so far, in bytes. */
  movedBytes = 0;

  constructor(
    private readonly log: RecordLog,
    private readonly pages: PageTable,
    private readonly expiry: ExpiryHeap,
    private readonly locator: EntryLocator,
  ) {}

  /**
   * Copies a record, with the times in front of it and nothing else of what lies there, and tells the index; answers its new
   * address, or -1 without memory. {@link discard} must follow.
   */
  copy(shard: number, address: number, queue: number): number {
    const { log, expiry } = this;
    const timeMs = expiry.timeOf(shard, address >>> PAGE_SHIFT);
    if (timeMs !== Infinity && !expiry.reserve()) return -1;
    log.locate(shard, address);
    const length = storedLength(log.bytes, log.at);
    const moved = log.append(shard, queue, length, 0);
    if (moved < 0) return -1;
    if (timeMs !== Infinity) expiry.add(shard, moved >>> PAGE_SHIFT, timeMs);
    this.bytes = log.bytes;
    this.at = log.at;
    // Only now: the record may lie in the very page that has grown.
    log.locate(shard, address);
    const { bytes, at } = log;
    copyRecord(bytes, at, this.bytes, this.at, length);
    carryTimes(this.pages.layoutOf(shard, address >>> PAGE_SHIFT), bytes, at, log.layout, this.bytes, this.at);
    this.locator.redirect(shard, bytes, at, address, moved);
    this.movedBytes += length;
    return moved;
  }

  /** Makes a hole of a record that has been copied; its page goes when it was the last. */
  discard(shard: number, address: number): void {
    const { log } = this;
    const page = address >>> PAGE_SHIFT;
    const front = this.pages.frontOf(shard, page);
    log.locate(shard, address);
    const { bytes, at } = log;
    const length = front + storedLength(bytes, at);
    writeHole(bytes, at - front, length);
    log.release(shard, page, length);
  }
}
