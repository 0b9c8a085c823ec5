/** Changes of an entry's expiry: in place where its form stays, else as a body to be stored anew. */
import { assert, type ByteWriter } from '#libs/kernel';
import type { EntryFinder } from './entry-finder.js';
import type { EntryLocator } from './entry-locator.js';
import type { ExpiryHeap } from './expiry-heap.js';
import { encodeEntryBody, expiryFlags, expiryFlagsOf, type ValueType, writeExpiry } from './record.js';
import type { PolicySeat } from './policy-seat.js';
import { PAGE_SHIFT, type RecordLog } from './record-log.js';
import type { SlotIndex } from './slot-index.js';
import { expiryOffset, writeVersion } from './stored-record.js';

export class EntryExpiry {
  constructor(
    private readonly log: RecordLog,
    private readonly index: SlotIndex,
    private readonly heap: ExpiryHeap,
    private readonly locator: EntryLocator,
    private readonly finder: EntryFinder,
    private readonly seat: PolicySeat,
  ) {}

  /** Changes version and expiry in place; false where the entry's form changes with it. */
  change(shard: number, ref: number, version: number, expiresAtMs: number): boolean {
    const { log, locator, index, heap } = this;
    const slot = this.finder.slotOf(shard, ref);
    assert(slot >= 0, 'expiry of an entry that is not there');
    const address = index.addressAt(slot);
    log.open(ref);
    const header = locator.parse(log.bytes, log.at);
    const { buffer, bodyOffset } = locator;
    const flags = buffer[bodyOffset];
    if (expiryFlagsOf(flags) !== expiryFlags(expiresAtMs)) return false;
    writeVersion(buffer, bodyOffset + header.bodyLength, version);
    this.seat.modified(shard, address, log.bytes, log.at);
    if (expiresAtMs === 0) return true;
    writeExpiry(buffer, expiryOffset(buffer, bodyOffset), flags, expiresAtMs);
    heap.add(shard, address >>> PAGE_SHIFT, expiresAtMs);
    return true;
  }

  /** Appends the entry's body with another expiry to `writer`. */
  encode(ref: number, expiresAtMs: number, writer: ByteWriter): void {
    const { log, locator } = this;
    log.open(ref);
    const { database, type, keyOffset, keyLength, valueOffset, valueLength } = locator.parse(log.bytes, log.at);
    const { buffer } = locator;
    const valueType = type as ValueType;
    encodeEntryBody(
      writer,
      database,
      valueType,
      expiresAtMs,
      buffer,
      keyOffset,
      keyLength,
      buffer,
      valueOffset,
      valueLength,
    );
  }
}
