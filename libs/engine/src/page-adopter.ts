/**
 * Takes pages over for a new policy, one at a time: brings them to its layout and makes their records known to it. From
 * the newest stale page of a shard to the oldest, and within a page too, since a policy puts what it learns behind what it
 * knows. Several shards take turns.
 */
import { type Arena, UNIT_BYTES } from './arena.js';
import type { EntryLocator } from './entry-locator.js';
import { FRONT_BYTES, type PageTable, QUEUES } from './page-table.js';
import type { PolicySeat } from './policy-seat.js';
import { PAGE_SHIFT, type RecordLog } from './record-log.js';
import type { RecordMover } from './record-mover.js';
import { carryTimes } from './record-times.js';
import { SHARD_WORDS } from './shard-state.js';
import { copyRecord, isHole, storedLength, STUB_BYTES } from './stored-record.js';

/** Pages that are passed on the way to the newest stale one; beyond that the oldest is taken. */
const MAX_STEPS_BACK = 64;
const MAX_RECORDS = Math.ceil((1 << PAGE_SHIFT) / STUB_BYTES);

export class PageAdopter {
  private shard = 0;
  private readonly shardsEnd: number;
  /** Offsets of a page's records, and where the record at an offset has gone. */
  private readonly offsets = new Uint16Array(MAX_RECORDS);
  private readonly movedTo = new Uint16Array(1 << PAGE_SHIFT);

  constructor(
    private readonly arena: Arena,
    private readonly log: RecordLog,
    private readonly pages: PageTable,
    private readonly mover: RecordMover,
    private readonly locator: EntryLocator,
    private readonly seat: PolicySeat,
    partitionCount: number,
  ) {
    this.shardsEnd = partitionCount * SHARD_WORDS;
  }

  /** Adopts one page; false where none is left, or memory does not allow it. */
  step(): boolean {
    const { pages } = this;
    for (let left = this.shardsEnd; left > 0 && pages.stalePages + pages.loosePages > 0; left -= SHARD_WORDS) {
      this.shard += SHARD_WORDS;
      if (this.shard >= this.shardsEnd) this.shard = 0;
      for (let queue = 0; queue < QUEUES; queue++) {
        const page = this.find(this.shard, queue);
        if (page >= 0) return this.adopt(this.shard, page);
      }
    }
    return false;
  }

  private find(shard: number, queue: number): number {
    const { pages } = this;
    let page = pages.last(shard, queue);
    for (let steps = 0; page >= 0 && steps < MAX_STEPS_BACK; steps++) {
      if (pages.needsAdoption(shard, page)) return page;
      page = pages.previous(shard, page);
    }
    const first = pages.first(shard, queue);
    return first >= 0 && pages.needsAdoption(shard, first) ? first : -1;
  }

  private adopt(shard: number, page: number): boolean {
    const { pages, log } = this;
    if (!pages.isStale(shard, page)) {
      this.learn(shard, page, true);
      pages.setLoose(shard, page, false);
      return true;
    }
    if (pages.frontOf(shard, page) < FRONT_BYTES[log.layout]) return this.moveAll(shard, page);
    if (pages.frontOf(shard, page) > FRONT_BYTES[log.layout] && !this.narrow(shard, page)) return false;
    pages.setStale(shard, page, false);
    this.learn(shard, page, false);
    return true;
  }

  /** Makes the page's records known, the newest first. */
  private learn(shard: number, page: number, wasKnown: boolean): void {
    const { arena, log, seat } = this;
    const count = this.listRecords(shard, page);
    const memory = log.memoryOf(shard, page);
    const bytes = arena.bytes[memory >>> arena.unitShift];
    const start = (memory & arena.unitMask) * UNIT_BYTES;
    for (let i = count - 1; i >= 0; i--) {
      seat.learn(shard, (page << PAGE_SHIFT) | this.offsets[i], bytes, start + this.offsets[i], wasKnown);
    }
  }

  /** Moves all records to pages of the layout that is wanted now; what memory does not allow stays. */
  private moveAll(shard: number, page: number): boolean {
    const { mover, pages } = this;
    const queue = pages.queueOf(shard, page);
    for (let i = this.listRecords(shard, page) - 1; i >= 0; i--) {
      const old = (page << PAGE_SHIFT) | this.offsets[i];
      const address = mover.copy(shard, old, queue);
      if (address < 0) return false;
      this.seat.learn(shard, address, mover.bytes, mover.at, false);
      this.log.locate(shard, old);
      this.seat.removing(shard, old, this.log.bytes, this.log.at);
      mover.discard(shard, old);
    }
    return true;
  }

  /** Rewrites a page whose records have more in front of them than is wanted now. */
  private narrow(shard: number, page: number): boolean {
    const { arena, log, pages, offsets, movedTo } = this;
    const count = this.listRecords(shard, page);
    const { layout } = log;
    const oldLayout = pages.layoutOf(shard, page);
    const front = FRONT_BYTES[layout];
    const live = log.liveOf(shard, page) - (pages.frontOf(shard, page) - front) * count;
    const block = log.beginRewrite(shard, page, live);
    if (block === 0) return false;
    const memory = log.memoryOf(shard, page);
    const bytes = arena.bytes[memory >>> arena.unitShift];
    const start = (memory & arena.unitMask) * UNIT_BYTES;
    const target = arena.bytes[block >>> arena.unitShift];
    const targetStart = (block & arena.unitMask) * UNIT_BYTES;
    let written = 0;
    for (let i = 0; i < count; i++) {
      const at = start + offsets[i];
      const length = storedLength(bytes, at);
      written += front;
      // What lies in front must not look like a hole, or like what the policy wrote, before it has.
      carryTimes(oldLayout, bytes, at, layout, target, targetStart + written);
      copyRecord(bytes, at, target, targetStart + written, length);
      this.locator.redirect(shard, bytes, at, (page << PAGE_SHIFT) | offsets[i], (page << PAGE_SHIFT) | written);
      movedTo[offsets[i]] = written;
      written += length;
    }
    log.finishRewrite(shard, page, block, live);
    pages.setLayout(shard, page, layout);
    this.seat.pageMoved(shard, page, page, 0, movedTo);
    return true;
  }

  /** Notes the offsets of the page's live records and answers how many. */
  private listRecords(shard: number, page: number): number {
    const { arena, log } = this;
    const memory = log.memoryOf(shard, page);
    const bytes = arena.bytes[memory >>> arena.unitShift];
    const start = (memory & arena.unitMask) * UNIT_BYTES;
    const front = this.pages.frontOf(shard, page);
    const fill = log.fillOf(shard, page);
    let count = 0;
    for (let offset = 0; offset < fill; offset += storedLength(bytes, start + offset)) {
      if (isHole(bytes[start + offset])) continue;
      offset += front;
      this.offsets[count++] = offset;
    }
    return count;
  }
}
