/**
 * The entries themselves: written, replaced and removed in log, index and expiry heap together, and counted.
 * Short entries lie in the log; long ones leave a stub there and have a block of their own (stored-record.ts).
 */
import { assert } from '#libs/kernel';
import { type Arena, UNIT_BYTES } from './arena.js';
import type { OwnedTrees } from './collections/owned-trees.js';
import type { EntryFinder } from './entry-finder.js';
import type { EntryLocator } from './entry-locator.js';
import type { ExpiryHeap } from './expiry-heap.js';
import type { MemoryBudget } from './memory-budget.js';
import type { PageTable } from './page-table.js';
import type { PolicySeat } from './policy-seat.js';
import { DATABASE_COUNT, expiryBytes, EXPIRY_FLAG, EntryHeader, parseEntryBody, POLICY_BITS } from './record.js';
import { PAGE_SHIFT, type RecordLog } from './record-log.js';
import { ENTRIES, EXPIRING, SHARD_WORDS, type ShardState } from './shard-state.js';
import type { SlotIndex } from './slot-index.js';
import {
  copyRecord,
  isHole,
  isOutside,
  makeHole,
  markExpiry,
  outsideUnits,
  readAddress,
  STUB_BYTES,
  storedLength,
  VERSION_BYTES,
  writeHole,
  writeStub,
  writeVersion,
} from './stored-record.js';

/** Longer records lie outside the log, so that the end of a log page that one does not fit in stays small. */
const MAX_LOGGED_BYTES = 1024;
const PAGE_SHARE = 8;

export class StoredEntries {
  count = 0;
  expiring = 0;
  payloadBytes = 0;
  /** Bytes of the blocks of long entries. */
  outsideBytes = 0;
  /** Per partition and database. */
  readonly databaseCounts: Uint32Array;

  private readonly maxLoggedBytes: number;
  private readonly old = new EntryHeader();

  constructor(
    private readonly arena: Arena,
    private readonly state: ShardState,
    private readonly pages: PageTable,
    private readonly log: RecordLog,
    private readonly index: SlotIndex,
    private readonly heap: ExpiryHeap,
    private readonly locator: EntryLocator,
    private readonly finder: EntryFinder,
    private readonly budget: MemoryBudget,
    private readonly seat: PolicySeat,
    private readonly trees: OwnedTrees,
  ) {
    this.maxLoggedBytes = Math.min(MAX_LOGGED_BYTES, Math.floor(log.pageBytes / PAGE_SHARE));
    this.databaseCounts = new Uint32Array((state.words.length / SHARD_WORDS) * DATABASE_COUNT);
  }

  /**
   * Stores a body in place of the entry with its key, if any; false where memory does not allow it. `keepsTrees`: what the
   * old value refers to is the new one's, or has been given up.
   */
  set(
    shard: number,
    hash: number,
    version: number,
    body: Uint8Array,
    bodyOffset: number,
    header: EntryHeader,
    keepsTrees: boolean,
  ): boolean {
    const { log, trees } = this;
    const slot = this.finder.find(shard, hash, header.database, body, header.keyOffset, header.keyLength);
    const ownsTrees = slot >= 0 && !keepsTrees && trees.note(log.bytes, log.at);
    if (!this.put(shard, hash, slot, version, body, bodyOffset, header)) return false;
    if (ownsTrees) trees.releaseNoted();
    return true;
  }

  private put(
    shard: number,
    hash: number,
    slot: number,
    version: number,
    body: Uint8Array,
    bodyOffset: number,
    header: EntryHeader,
  ): boolean {
    if (slot >= 0 && this.overwriteSame(shard, slot, version, body, bodyOffset, header)) return true;
    if (header.expiresAtMs !== 0 && !this.heap.reserve()) return this.refuse(shard);
    const address =
      slot < 0
        ? this.insert(shard, hash, version, body, bodyOffset, header)
        : this.exchange(shard, slot, version, body, bodyOffset, header);
    if (address < 0) return this.refuse(shard);
    this.count++;
    this.payloadBytes += header.keyLength + header.valueLength;
    this.databaseCounts[(shard / SHARD_WORDS) * DATABASE_COUNT + header.database]++;
    if (header.expiresAtMs !== 0) {
      this.expiring++;
      this.state.words[shard + EXPIRING]++;
      this.heap.add(shard, address >>> PAGE_SHIFT, header.expiresAtMs);
    }
    return true;
  }

  /** `keepsTrees`: what the value refers to has been given up. */
  remove(shard: number, ref: number, keepsTrees: boolean): void {
    const { log, index, locator } = this;
    log.open(ref);
    const { bytes, at } = log;
    const slot = this.finder.slotOf(shard, ref);
    assert(slot >= 0, 'removal of an entry that is not there');
    const address = index.addressAt(slot);
    this.countOut(shard, locator.parse(bytes, at));
    if (!keepsTrees) this.trees.release(locator.buffer, locator.header);
    this.discard(shard, address, bytes, at, locator.header.bodyLength);
    index.remove(shard, slot);
    if (this.state.words[shard + ENTRIES] === 0) log.drop(shard);
  }

  /** Removes all entries of a shard. */
  clear(shard: number): void {
    const { arena, log, locator } = this;
    for (let page = 0; page < log.pageCount(shard); page++) {
      const memory = log.memoryOf(shard, page);
      if (memory === 0) continue;
      const bytes = arena.bytes[memory >>> arena.unitShift];
      const start = (memory & arena.unitMask) * UNIT_BYTES;
      const end = start + log.fillOf(shard, page);
      const front = log.frontOf(shard, page);
      for (let at = start; at < end; at += storedLength(bytes, at)) {
        if (isHole(bytes[at])) continue;
        at += front;
        this.seat.removing(shard, (page << PAGE_SHIFT) | (at - start), bytes, at);
        this.countOut(shard, locator.parse(bytes, at));
        this.trees.release(locator.buffer, locator.header);
        if (isOutside(bytes[at])) this.freeOutside(readAddress(bytes, at), locator.header.bodyLength);
      }
    }
    this.index.drop(shard);
    log.drop(shard);
    this.seat.cleared(shard);
  }

  clearDatabase(shard: number, database: number): void {
    const { log, locator } = this;
    this.index.filter(shard, (address) => {
      log.locate(shard, address);
      const { bytes, at } = log;
      if (locator.parse(bytes, at).database !== database) return true;
      this.countOut(shard, locator.header);
      this.trees.release(locator.buffer, locator.header);
      this.discard(shard, address, bytes, at, locator.header.bodyLength);
      return false;
    });
    if (this.state.words[shard + ENTRIES] === 0) log.drop(shard);
  }

  /** The frequent case: writes over an entry whose key and value are as long, and which expires if the new one does. */
  private overwriteSame(
    shard: number,
    slot: number,
    version: number,
    body: Uint8Array,
    bodyOffset: number,
    header: EntryHeader,
  ): boolean {
    const { log, locator } = this;
    locator.open(log.bytes, log.at);
    const { buffer, bodyOffset: at } = locator;
    if (((buffer[at] ^ body[bodyOffset]) & ~POLICY_BITS) !== 0) return false;
    const hasExpiry = header.expiresAtMs !== 0;
    const lengthsEnd = header.keyOffset - bodyOffset - expiryBytes(buffer[at]);
    for (let i = 1; i < lengthsEnd; i++) if (buffer[at + i] !== body[bodyOffset + i]) return false;
    this.write(buffer, at, version, body, bodyOffset, header.bodyLength, buffer[at] & POLICY_BITS);
    this.hit(shard, this.index.addressAt(slot));
    if (hasExpiry) this.heap.add(shard, this.index.addressAt(slot) >>> PAGE_SHIFT, header.expiresAtMs);
    return true;
  }

  private insert(
    shard: number,
    hash: number,
    version: number,
    body: Uint8Array,
    bodyOffset: number,
    header: EntryHeader,
  ): number {
    if (this.budget.isExceeded || !this.index.reserve(shard, hash)) return -1;
    const queue = this.seat.queueFor(hash, header.bodyLength);
    const address = this.append(shard, queue, version, body, bodyOffset, header.bodyLength, 0, 0);
    if (address >= 0) this.index.insert(shard, address);
    return address;
  }

  /** Writes the body in place of the entry at `slot`, where the log is. */
  private exchange(
    shard: number,
    slot: number,
    version: number,
    body: Uint8Array,
    bodyOffset: number,
    header: EntryHeader,
  ): number {
    const { log, index, locator, old } = this;
    const { bytes, at } = log;
    const address = index.addressAt(slot);
    locator.open(bytes, at);
    parseEntryBody(locator.buffer, locator.bodyOffset, locator.buffer.length - locator.bodyOffset, old);
    const wasOutside = isOutside(bytes[at]);
    if (this.fitsInPlace(wasOutside, old.bodyLength, header.bodyLength)) {
      this.countOut(shard, old);
      this.seat.resizing(shard, address, bytes, at, -1);
      log.locate(shard, address);
      locator.open(bytes, at);
      this.overwrite(shard, address, version, body, bodyOffset, header);
      this.seat.resizing(shard, address, bytes, at, 1);
      log.locate(shard, address);
      this.hit(shard, address);
      return address;
    }
    if (this.budget.isExceeded && header.bodyLength > old.bodyLength) return -1;
    const creditBytes = wasOutside ? outsideUnits(old.bodyLength) * UNIT_BYTES : 0;
    const bits = bytes[at] & POLICY_BITS;
    const queue = this.pages.queueOf(shard, address >>> PAGE_SHIFT);
    const moved = this.append(shard, queue, version, body, bodyOffset, header.bodyLength, creditBytes, bits);
    if (moved < 0) return -1;
    this.seat.succeeds(shard, address, moved);
    log.locate(shard, moved);
    this.seat.hit(shard, moved, log.bytes, log.at);
    this.countOut(shard, old);
    index.replace(shard, slot, moved);
    log.locate(shard, address);
    this.discard(shard, address, log.bytes, log.at, old.bodyLength);
    return moved;
  }

  private fitsInPlace(wasOutside: boolean, oldLength: number, newLength: number): boolean {
    const isOutsideNow = newLength + VERSION_BYTES > this.maxLoggedBytes;
    if (wasOutside !== isOutsideNow) return false;
    return wasOutside ? outsideUnits(oldLength) === outsideUnits(newLength) : newLength <= oldLength;
  }

  /** Writes over the body that the locator has open, and makes what it leaves a hole. */
  private overwrite(
    shard: number,
    address: number,
    version: number,
    body: Uint8Array,
    bodyOffset: number,
    header: EntryHeader,
  ): void {
    const { log, locator, old } = this;
    const { bytes, at } = log;
    const { buffer, bodyOffset: target } = locator;
    const freed = old.bodyLength - header.bodyLength;
    this.write(buffer, target, version, body, bodyOffset, header.bodyLength, buffer[target] & POLICY_BITS);
    if (isOutside(bytes[at])) {
      markExpiry(bytes, at, header.expiresAtMs !== 0);
    } else if (freed > 0) {
      writeHole(buffer, target + header.bodyLength + VERSION_BYTES, freed);
      log.release(shard, address >>> PAGE_SHIFT, freed);
    }
  }

  /** Writes a new record, or a stub and its block; answers the address, or -1 where memory does not allow it. */
  private append(
    shard: number,
    queue: number,
    version: number,
    body: Uint8Array,
    bodyOffset: number,
    bodyLength: number,
    creditBytes: number,
    policyBits: number,
  ): number {
    const { arena, log } = this;
    const length = bodyLength + VERSION_BYTES;
    if (length <= this.maxLoggedBytes) {
      const address = log.append(shard, queue, length, creditBytes);
      if (address < 0) return -1;
      this.write(log.bytes, log.at, version, body, bodyOffset, bodyLength, policyBits);
      this.seat.inserted(shard, address, log.bytes, log.at);
      return address;
    }
    const units = outsideUnits(bodyLength);
    const block = arena.allocate(units, creditBytes);
    if (block === 0) return -1;
    const address = log.append(shard, queue, STUB_BYTES, 0);
    if (address < 0) {
      arena.free(block, units);
      return -1;
    }
    this.outsideBytes += units * UNIT_BYTES;
    writeStub(log.bytes, log.at, block);
    markExpiry(log.bytes, log.at, (body[bodyOffset] & EXPIRY_FLAG) !== 0);
    log.bytes[log.at] |= policyBits;
    const bytes = arena.bytes[block >>> arena.unitShift];
    this.write(bytes, (block & arena.unitMask) * UNIT_BYTES, version, body, bodyOffset, bodyLength, 0);
    this.seat.inserted(shard, address, log.bytes, log.at);
    return address;
  }

  private write(
    target: Uint8Array,
    at: number,
    version: number,
    body: Uint8Array,
    bodyOffset: number,
    bodyLength: number,
    policyBits: number,
  ): void {
    copyRecord(body, bodyOffset, target, at, bodyLength);
    target[at] = (target[at] & ~POLICY_BITS) | policyBits;
    writeVersion(target, at + bodyLength, version);
  }

  /** Makes the record or stub a hole and frees what belongs to it. */
  private discard(shard: number, address: number, bytes: Uint8Array, at: number, bodyLength: number): void {
    this.seat.removing(shard, address, bytes, at);
    const page = address >>> PAGE_SHIFT;
    const front = this.log.frontOf(shard, page);
    const outside = isOutside(bytes[at]);
    const length = outside ? STUB_BYTES : bodyLength + VERSION_BYTES;
    if (outside) this.freeOutside(readAddress(bytes, at), bodyLength);
    if (front === 0) makeHole(bytes, at);
    else writeHole(bytes, at - front, front + length);
    this.log.release(shard, page, front + length);
  }

  /** The log is at a record that has been overwritten where it is. */
  private hit(shard: number, address: number): void {
    const { seat, log } = this;
    seat.modified(shard, address, log.bytes, log.at);
    if (!seat.isUnknown(shard, address >>> PAGE_SHIFT)) seat.hit(shard, address, log.bytes, log.at);
  }

  private freeOutside(block: number, bodyLength: number): void {
    const units = outsideUnits(bodyLength);
    this.outsideBytes -= units * UNIT_BYTES;
    this.arena.free(block, units);
  }

  /** Lets go what a refused entry may have left in an empty shard. */
  private refuse(shard: number): boolean {
    if (this.state.words[shard + ENTRIES] === 0) {
      this.index.drop(shard);
      this.log.drop(shard);
    }
    return false;
  }

  private countOut(shard: number, header: EntryHeader): void {
    this.count--;
    this.payloadBytes -= header.keyLength + header.valueLength;
    this.databaseCounts[(shard / SHARD_WORDS) * DATABASE_COUNT + header.database]--;
    if (header.expiresAtMs === 0) return;
    this.expiring--;
    this.state.words[shard + EXPIRING]--;
  }
}
