/**
 * Doubly linked lists through the records of all shards of a store: what exact orders are made of. A link is ten bytes in front
 * of each record (layouts 1, 2, 4 and 5 of page-table.ts; times, where they are kept, come before that):
 *
 *     listed u8 | high bits of both links : 4 + 4 | newer u32 LE | older u32 LE
 *
 * A link has 36 bits: an address, and above it the partition. With up to 256 partitions addresses have all their bits; with
 * more, fewer are left, and a shard holds less (64 GiB of log over all shards in any case). Link 0 is none, since
 * something lies in front of every record. `listed` is 0 or 1, so that it never looks like a hole.
 *
 * An address changes only when cleaning moves a record; {@link RecordLists.pageMoved} then tells the neighbours.
 */
import type { Arena } from './arena.js';
import { UNIT_BYTES } from './arena.js';
import { FRONT_BYTES } from './page-table.js';
import { MAX_ADDRESS_BITS, OFFSET_MASK, PAGE_SHIFT, type RecordLog } from './record-log.js';
import { SHARD_WORDS } from './shard-state.js';
import { isHole, storedLength } from './stored-record.js';

const LINK_BITS = 36;
const HIGH_AT = 1;
const NEWER_AT = 2;
const OLDER_AT = 6;
/** Behind the links in layouts 2 and 5, five bytes; the time of creation follows (record-times.ts). */
export const USED_AT = 10;
const POLICY_SHIFT = 6;

export class RecordLists {
  /** Pages that links can name in each shard. */
  readonly maxPages: number;
  /** What {@link oldest} found. */
  shard = 0;
  address = 0;
  bytes: Uint8Array = new Uint8Array(0);
  at = 0;

  private readonly addressBits: number;
  private readonly addressMask: number;
  private readonly front: number;
  /** Both ends of each list, low and high bits. */
  private readonly newestLow: Int32Array;
  private readonly newestHigh: Int32Array;
  private readonly oldestLow: Int32Array;
  private readonly oldestHigh: Int32Array;
  /** A link that was read last. */
  private low = 0;
  private high = 0;

  constructor(
    private readonly arena: Arena,
    private readonly log: RecordLog,
    partitionCount: number,
    layout: number,
    lists: number,
  ) {
    this.front = FRONT_BYTES[layout];
    this.addressBits = Math.min(MAX_ADDRESS_BITS, LINK_BITS - Math.ceil(Math.log2(partitionCount)));
    this.addressMask = 2 ** this.addressBits - 1;
    this.maxPages = 2 ** (this.addressBits - PAGE_SHIFT);
    this.newestLow = new Int32Array(lists);
    this.newestHigh = new Int32Array(lists);
    this.oldestLow = new Int32Array(lists);
    this.oldestHigh = new Int32Array(lists);
  }

  isListed(bytes: Uint8Array, at: number): boolean {
    return bytes[at - this.front] !== 0;
  }

  /** Says of a record that is in no list. */
  leaveOut(bytes: Uint8Array, at: number): void {
    bytes[at - this.front] = 0;
  }

  addNewest(list: number, shard: number, address: number, bytes: Uint8Array, at: number): void {
    this.pack(shard, address);
    this.putNewest(list, this.low, this.high, bytes, at - this.front);
  }

  addOldest(list: number, shard: number, address: number, bytes: Uint8Array, at: number): void {
    const { oldestLow, oldestHigh } = this;
    this.pack(shard, address);
    const { low, high } = this;
    const front = at - this.front;
    bytes[front] = 1;
    writeLink(bytes, front, NEWER_AT, oldestLow[list], oldestHigh[list]);
    writeLink(bytes, front, OLDER_AT, 0, 0);
    this.setOlder(list, oldestLow[list], oldestHigh[list], low, high);
    oldestLow[list] = low;
    oldestHigh[list] = high;
  }

  /** Makes a listed record the newest of its list, without knowing its address: its newer neighbour does. */
  refresh(list: number, bytes: Uint8Array, at: number): void {
    const front = at - this.front;
    if (!this.findSelf(bytes, front)) return;
    const { low, high } = this;
    this.unlink(list, bytes, front);
    this.putNewest(list, low, high, bytes, front);
  }

  /** Makes a listed record the newest of another list. */
  transfer(list: number, target: number, bytes: Uint8Array, at: number): void {
    const front = at - this.front;
    if (!this.findSelf(bytes, front)) {
      this.low = this.newestLow[list];
      this.high = this.newestHigh[list];
    }
    const { low, high } = this;
    this.unlink(list, bytes, front);
    this.putNewest(target, low, high, bytes, front);
  }

  remove(list: number, bytes: Uint8Array, at: number): void {
    this.unlink(list, bytes, at - this.front);
    bytes[at - this.front] = 0;
  }

  /** Points at the oldest record of a list; false where it is empty. */
  oldest(list: number): boolean {
    return this.openLink(this.oldestLow[list], this.oldestHigh[list]);
  }

  newest(list: number): boolean {
    return this.openLink(this.newestLow[list], this.newestHigh[list]);
  }

  /** Goes from the record that {@link oldest} or this found to the next newer one; false where there is none. */
  toNewer(): boolean {
    this.readLink(this.bytes, this.at - this.front, NEWER_AT);
    return this.openLink(this.low, this.high);
  }

  /** Tells the neighbours of moved records; with several lists, a record's policy bits say which is its own. */
  pageMoved(shard: number, page: number, target: number, from: number, offsets: Uint16Array): void {
    const { arena, log, front } = this;
    const memory = log.memoryOf(shard, target);
    const bytes = arena.bytes[memory >>> arena.unitShift];
    const start = (memory & arena.unitMask) * UNIT_BYTES;
    const end = log.fillOf(shard, target);
    const pageFront = log.frontOf(shard, target);
    const timeBytes = pageFront - front;
    for (let offset = from; offset < end;) {
      const at = start + offset;
      if (isHole(bytes[at])) {
        offset += storedLength(bytes, at);
        continue;
      }
      const link = at + timeBytes;
      if (bytes[link] !== 0) {
        const list = this.newestLow.length === 1 ? 0 : bytes[at + pageFront] >>> POLICY_SHIFT;
        this.relink(list, shard, page, target, (target << PAGE_SHIFT) | (offset + pageFront), offsets, bytes, link);
      }
      offset += pageFront + storedLength(bytes, at + pageFront);
    }
  }

  private relink(
    list: number,
    shard: number,
    page: number,
    target: number,
    address: number,
    offsets: Uint16Array,
    bytes: Uint8Array,
    front: number,
  ): void {
    this.pack(shard, address);
    const { low, high } = this;
    for (let link = NEWER_AT; link <= OLDER_AT; link += OLDER_AT - NEWER_AT) {
      this.readLink(bytes, front, link);
      if (this.isWithin(shard, page)) {
        this.pack(shard, (target << PAGE_SHIFT) | offsets[this.low & this.addressMask & OFFSET_MASK]);
        writeLink(bytes, front, link, this.low, this.high);
      } else if (link === NEWER_AT) this.setOlder(list, this.low, this.high, low, high);
      else this.setNewer(list, this.low, this.high, low, high);
    }
  }

  /** Whether the link that was read names a record of that page. */
  private isWithin(shard: number, page: number): boolean {
    if ((this.low | this.high) === 0) return false;
    return (
      this.partitionOfLink(this.low, this.high) * SHARD_WORDS === shard &&
      (this.low & this.addressMask) >>> PAGE_SHIFT === page
    );
  }

  private putNewest(list: number, low: number, high: number, bytes: Uint8Array, front: number): void {
    const { newestLow, newestHigh } = this;
    bytes[front] = 1;
    writeLink(bytes, front, NEWER_AT, 0, 0);
    writeLink(bytes, front, OLDER_AT, newestLow[list], newestHigh[list]);
    this.setNewer(list, newestLow[list], newestHigh[list], low, high);
    newestLow[list] = low;
    newestHigh[list] = high;
  }

  private unlink(list: number, bytes: Uint8Array, front: number): void {
    this.readLink(bytes, front, NEWER_AT);
    const newerLow = this.low;
    const newerHigh = this.high;
    this.readLink(bytes, front, OLDER_AT);
    const olderLow = this.low;
    const olderHigh = this.high;
    this.setOlder(list, newerLow, newerHigh, olderLow, olderHigh);
    this.setNewer(list, olderLow, olderHigh, newerLow, newerHigh);
  }

  /** Gives the record of a link, or for none the list's newest end, another older neighbour. */
  private setOlder(list: number, ofLow: number, ofHigh: number, low: number, high: number): void {
    if ((ofLow | ofHigh) === 0) {
      this.newestLow[list] = low;
      this.newestHigh[list] = high;
    } else {
      this.locate(ofLow, ofHigh);
      writeLink(this.log.bytes, this.log.at - this.front, OLDER_AT, low, high);
    }
  }

  private setNewer(list: number, ofLow: number, ofHigh: number, low: number, high: number): void {
    if ((ofLow | ofHigh) === 0) {
      this.oldestLow[list] = low;
      this.oldestHigh[list] = high;
    } else {
      this.locate(ofLow, ofHigh);
      writeLink(this.log.bytes, this.log.at - this.front, NEWER_AT, low, high);
    }
  }

  /** Reads a record's own link from its newer neighbour; false where it has none. */
  private findSelf(bytes: Uint8Array, front: number): boolean {
    this.readLink(bytes, front, NEWER_AT);
    if ((this.low | this.high) === 0) return false;
    this.locate(this.low, this.high);
    this.readLink(this.log.bytes, this.log.at - this.front, OLDER_AT);
    return true;
  }

  private openLink(low: number, high: number): boolean {
    if ((low | high) === 0) return false;
    this.locate(low, high);
    this.shard = this.partitionOfLink(low, high) * SHARD_WORDS;
    this.address = low & this.addressMask;
    this.bytes = this.log.bytes;
    this.at = this.log.at;
    return true;
  }

  private locate(low: number, high: number): void {
    this.log.locate(this.partitionOfLink(low, high) * SHARD_WORDS, low & this.addressMask);
  }

  private partitionOfLink(low: number, high: number): number {
    return (low >>> this.addressBits) | (high << (32 - this.addressBits));
  }

  private pack(shard: number, address: number): void {
    const partition = shard / SHARD_WORDS;
    this.low = address | (partition << this.addressBits);
    this.high = partition >>> (32 - this.addressBits);
  }

  private readLink(bytes: Uint8Array, front: number, link: number): void {
    const at = front + link;
    this.low = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
    this.high = link === NEWER_AT ? bytes[front + HIGH_AT] & 15 : bytes[front + HIGH_AT] >>> 4;
  }
}

function writeLink(bytes: Uint8Array, front: number, link: number, low: number, high: number): void {
  const at = front + link;
  bytes[at] = low;
  bytes[at + 1] = low >>> 8;
  bytes[at + 2] = low >>> 16;
  bytes[at + 3] = low >>> 24;
  const other = bytes[front + HIGH_AT];
  bytes[front + HIGH_AT] = link === NEWER_AT ? (other & 0xf0) | high : (other & 0x0f) | (high << 4);
}
