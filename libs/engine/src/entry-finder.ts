/** Finds entries by key or by reference, and reads them. */
import { equalBytes } from '#libs/kernel';
import type { EntryLocator } from './entry-locator.js';
import type { EntryView } from './entry-view.js';
import { DATABASE_FLAG, expiryBytes, parseEntryBody, readExpiry, readVarint, varintLength } from './record.js';
import type { RecordLog } from './record-log.js';
import type { SlotIndex } from './slot-index.js';
import { expiryOffset, isOutside } from './stored-record.js';

export class EntryFinder {
  constructor(
    private readonly log: RecordLog,
    private readonly index: SlotIndex,
    private readonly locator: EntryLocator,
  ) {}

  /** The slot of a key in the page that the index then has open, or -1; the log is at the record. */
  find(
    shard: number,
    hash: number,
    database: number,
    keyBuffer: Uint8Array,
    keyOffset: number,
    keyLength: number,
  ): number {
    const { index, log } = this;
    if (!index.seek(shard, hash)) return -1;
    const { words, base, count, tagMask, target } = index;
    for (let slot = index.slot; slot < count; slot++) {
      const word = words[base + slot];
      if ((word & tagMask) !== target) return -1;
      log.locate(shard, word & ~tagMask);
      if (this.matches(log.bytes, log.at, database, keyBuffer, keyOffset, keyLength)) return slot;
    }
    return -1;
  }

  /** The slot of the record that a reference names, or -1. */
  slotOf(shard: number, ref: number): number {
    const { log, index, locator } = this;
    log.open(ref);
    if (!index.seek(shard, locator.hashOf(log.bytes, log.at))) return -1;
    const { words, base, count, tagMask, target } = index;
    for (let slot = index.slot; slot < count && (words[base + slot] & tagMask) === target; slot++) {
      if (log.refOf(shard, words[base + slot] & ~tagMask) === ref) return slot;
    }
    return -1;
  }

  contains(shard: number, ref: number): boolean {
    return this.slotOf(shard, ref) >= 0;
  }

  read(ref: number, view: EntryView): void {
    const { log, locator } = this;
    log.open(ref);
    locator.open(log.bytes, log.at);
    const { buffer, bodyOffset } = locator;
    view.buffer = buffer;
    view.bodyOffset = bodyOffset;
    parseEntryBody(buffer, bodyOffset, buffer.length - bodyOffset, view);
    const at = bodyOffset + view.bodyLength;
    view.version = buffer[at] | (buffer[at + 1] << 8);
  }

  expiresAtMs(ref: number): number {
    const { log, locator } = this;
    log.open(ref);
    locator.open(log.bytes, log.at);
    const { buffer, bodyOffset } = locator;
    return readExpiry(buffer, expiryOffset(buffer, bodyOffset), buffer[bodyOffset]);
  }

  private matches(
    bytes: Uint8Array,
    at: number,
    database: number,
    keyBuffer: Uint8Array,
    keyOffset: number,
    keyLength: number,
  ): boolean {
    const flags = bytes[at];
    if (isOutside(flags)) {
      this.locator.open(bytes, at);
      const { buffer, bodyOffset } = this.locator;
      return this.matches(buffer, bodyOffset, database, keyBuffer, keyOffset, keyLength);
    }
    let offset = at + 1;
    let storedKeyLength = bytes[offset++];
    if (storedKeyLength >= 0x80) {
      storedKeyLength = readVarint(bytes, at + 1, bytes.length);
      offset = at + 1 + varintLength(storedKeyLength);
    }
    if (storedKeyLength !== keyLength) return false;
    while (bytes[offset++] >= 0x80);
    const storedDatabase = (flags & DATABASE_FLAG) === 0 ? 0 : bytes[offset++];
    if (storedDatabase !== database) return false;
    offset += expiryBytes(flags);
    return equalBytes(bytes, offset, keyBuffer, keyOffset, keyLength);
  }
}
