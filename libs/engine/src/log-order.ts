/** Walks the live records of a shard's queue from the oldest to the newest, one at a time. */
import { type Arena, UNIT_BYTES } from './arena.js';
import type { PageTable } from './page-table.js';
import { OFFSET_MASK, PAGE_SHIFT, type RecordLog } from './record-log.js';
import { isHole, storedLength } from './stored-record.js';

export class LogOrder {
  constructor(
    private readonly arena: Arena,
    private readonly pages: PageTable,
    private readonly log: RecordLog,
  ) {}

  /** The address of the oldest live record of a queue, or -1. */
  first(shard: number, queue: number): number {
    const page = this.pages.first(shard, queue);
    return page < 0 ? -1 : this.firstOfPage(shard, page);
  }

  /** The address of the live record behind a record of the same queue, or -1. */
  after(shard: number, address: number): number {
    const page = address >>> PAGE_SHIFT;
    const { log } = this;
    log.locate(shard, address);
    const offset = (address & OFFSET_MASK) + storedLength(log.bytes, log.at);
    const found = this.fromOffset(shard, page, offset);
    return found >= 0 ? found : this.afterPage(shard, page);
  }

  /** The first live record behind a page, or -1. */
  afterPage(shard: number, page: number): number {
    const next = this.pages.next(shard, page);
    return next < 0 ? -1 : this.firstOfPage(shard, next);
  }

  /** A page's first live record; every page has one. */
  firstOfPage(shard: number, page: number): number {
    return this.fromOffset(shard, page, 0);
  }

  private fromOffset(shard: number, page: number, from: number): number {
    const { arena, log } = this;
    const memory = log.memoryOf(shard, page);
    const bytes = arena.bytes[memory >>> arena.unitShift];
    const start = (memory & arena.unitMask) * UNIT_BYTES;
    const fill = log.fillOf(shard, page);
    let offset = from;
    while (offset < fill) {
      if (!isHole(bytes[start + offset])) return (page << PAGE_SHIFT) | (offset + this.pages.frontOf(shard, page));
      offset += storedLength(bytes, start + offset);
    }
    return -1;
  }
}
