/**
 * How an entry lies in the arena. A reference is the address of its stored form:
 *
 *     [next u32 | prev u32]   only with expiry, in the unit before the reference: links of the expiry wheel
 *     version u16 | body      the stored form
 *     [partition u16]         only with expiry, behind the body: the wheel runs over all partitions
 *
 * So an entry without expiry pays nothing for the wheel, and the links are reached without parsing.
 */
import { copyBytes, equalBytes } from '#libs/kernel';
import { type Arena, UNIT_BYTES } from './arena.js';
import type { EntryView } from './entry-view.js';
import {
  EXPIRY_FLAG,
  type EntryHeader,
  parseEntryBody,
  readExpiry,
  readVarint,
  varintLength,
  writeExpiry,
  writeVarint,
} from './record.js';

const VERSION_BYTES = 2;
const PARTITION_BYTES = 2;
const LINK_UNITS = 1;
const UNIT_SHIFT = Math.log2(UNIT_BYTES);
const DATABASE_SHIFT = 4;

export class EntryBlocks {
  constructor(private readonly arena: Arena) {}

  /** Units of the block that stores such a body. */
  unitsOf(bodyLength: number, hasExpiry: boolean): number {
    const extra = hasExpiry ? LINK_UNITS * UNIT_BYTES + PARTITION_BYTES : 0;
    return (VERSION_BYTES + bodyLength + extra + UNIT_BYTES - 1) >>> UNIT_SHIFT;
  }

  /** An unwritten entry's reference, or 0 where the arena has no room. */
  allocate(bodyLength: number, hasExpiry: boolean, creditBytes: number): number {
    const address = this.arena.allocate(this.unitsOf(bodyLength, hasExpiry), creditBytes);
    return address !== 0 && hasExpiry ? address + LINK_UNITS : address;
  }

  free(ref: number, bodyLength: number, hasExpiry: boolean): void {
    this.arena.free(hasExpiry ? ref - LINK_UNITS : ref, this.unitsOf(bodyLength, hasExpiry));
  }

  bytesOf(ref: number): Uint8Array {
    return this.arena.bytes[ref >>> this.arena.unitShift];
  }

  /** Where the stored form begins in {@link bytesOf}. */
  offsetOf(ref: number): number {
    return (ref & this.arena.unitMask) * UNIT_BYTES;
  }

  write(ref: number, version: number, body: Uint8Array, bodyOffset: number, bodyLength: number): void {
    this.writeVersion(ref, version);
    copyBytes(body, bodyOffset, this.bytesOf(ref), this.offsetOf(ref) + VERSION_BYTES, bodyLength);
  }

  writeVersion(ref: number, version: number): void {
    const bytes = this.bytesOf(ref);
    const at = this.offsetOf(ref);
    bytes[at] = version;
    bytes[at + 1] = version >>> 8;
  }

  /** Only for an entry with expiry. */
  writePartition(ref: number, bodyLength: number, partition: number): void {
    const bytes = this.bytesOf(ref);
    const at = this.offsetOf(ref) + VERSION_BYTES + bodyLength;
    bytes[at] = partition;
    bytes[at + 1] = partition >>> 8;
  }

  /** Only for an entry with expiry that keeps having one. */
  writeExpiresAt(ref: number, expiresAtMs: number): void {
    const bytes = this.bytesOf(ref);
    writeExpiry(bytes, expiryOffset(bytes, this.offsetOf(ref)), expiresAtMs);
  }

  /** Only for an entry with expiry. */
  partitionOf(ref: number, header: EntryHeader): number {
    this.parse(ref, header);
    const bytes = this.bytesOf(ref);
    const at = this.offsetOf(ref) + VERSION_BYTES + header.bodyLength;
    return bytes[at] | (bytes[at + 1] << 8);
  }

  /** Writes at `target` what lies at `source` with another expiry; `header` is the source's, parsed. */
  copyWithExpiry(source: number, header: EntryHeader, target: number, version: number, expiresAtMs: number): void {
    const from = this.bytesOf(source);
    const to = this.bytesOf(target);
    this.writeVersion(target, version);
    let at = this.offsetOf(target) + VERSION_BYTES;
    const flags = from[this.offsetOf(source) + VERSION_BYTES];
    to[at++] = expiresAtMs === 0 ? flags & ~EXPIRY_FLAG : flags | EXPIRY_FLAG;
    at = writeVarint(to, at, header.keyLength);
    at = writeVarint(to, at, header.valueLength);
    if (expiresAtMs !== 0) at = writeExpiry(to, at, expiresAtMs);
    copyBytes(from, header.keyOffset, to, at, header.keyLength + header.valueLength);
  }

  hasExpiry(ref: number): boolean {
    return (this.bytesOf(ref)[this.offsetOf(ref) + VERSION_BYTES] & EXPIRY_FLAG) !== 0;
  }

  expiresAtMs(ref: number): number {
    const bytes = this.bytesOf(ref);
    const at = this.offsetOf(ref);
    return (bytes[at + VERSION_BYTES] & EXPIRY_FLAG) === 0 ? 0 : readExpiry(bytes, expiryOffset(bytes, at));
  }

  databaseOf(ref: number): number {
    return this.bytesOf(ref)[this.offsetOf(ref) + VERSION_BYTES] >>> DATABASE_SHIFT;
  }

  matches(ref: number, database: number, keyBuffer: Uint8Array, keyOffset: number, keyLength: number): boolean {
    const bytes = this.bytesOf(ref);
    let at = this.offsetOf(ref) + VERSION_BYTES;
    const flags = bytes[at++];
    if (flags >>> DATABASE_SHIFT !== database) return false;
    let storedLength = bytes[at++];
    if (storedLength >= 0x80) {
      storedLength = readVarint(bytes, at - 1, bytes.length);
      at += varintLength(storedLength) - 1;
    }
    if (storedLength !== keyLength) return false;
    while (bytes[at++] >= 0x80);
    if ((flags & EXPIRY_FLAG) !== 0) at += 6;
    return equalBytes(bytes, at, keyBuffer, keyOffset, keyLength);
  }

  /** Offsets in `header` are absolute in {@link bytesOf}. */
  parse(ref: number, header: EntryHeader): void {
    const bytes = this.bytesOf(ref);
    const at = this.offsetOf(ref) + VERSION_BYTES;
    parseEntryBody(bytes, at, bytes.length - at, header);
  }

  read(ref: number, view: EntryView): void {
    const bytes = this.bytesOf(ref);
    const at = this.offsetOf(ref);
    view.buffer = bytes;
    view.version = bytes[at] | (bytes[at + 1] << 8);
    view.bodyOffset = at + VERSION_BYTES;
    parseEntryBody(bytes, view.bodyOffset, bytes.length - view.bodyOffset, view);
  }
}

/** Where the expiry time of the stored form at `offset` lies. */
function expiryOffset(bytes: Uint8Array, offset: number): number {
  let at = offset + VERSION_BYTES + 1;
  while (bytes[at++] >= 0x80);
  while (bytes[at++] >= 0x80);
  return at;
}
