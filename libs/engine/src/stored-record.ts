/**
 * How an entry lies in its shard's log:
 *
 *     body | version u16                              a record: the body as record.ts has it
 *     flags u8 (type OUTSIDE) | address u32           a long entry's stub: body and version lie in a block of their own
 *
 * Records lie behind one another without gaps. What is removed becomes a hole of the same length: a record of type
 * HOLE, or bytes of 0xff, of which each is a hole. So a page can be walked from its beginning.
 */
import { UNIT_BYTES } from './arena.js';
import {
  DATABASE_FLAG,
  EXPIRY_FLAG,
  expiryBytes,
  POLICY_BITS,
  readVarint,
  TYPE_BITS,
  varintLength,
  writeVarint,
} from './record.js';

export const VERSION_BYTES = 2;
export const STUB_BYTES = 5;
/** Flags with these type bits, which no body has. */
export const OUTSIDE_TYPE = 0x0c;
const HOLE_TYPE = 0x0e;
const HOLE_BYTE = 0xff;
/** flags, two lengths of one byte, version. */
const MIN_HOLE_BYTES = 3 + VERSION_BYTES;
const LOOP_COPY_BYTES = 128;

export function isOutside(flags: number): boolean {
  return (flags & TYPE_BITS) === OUTSIDE_TYPE;
}

export function isHole(flags: number): boolean {
  return (flags & TYPE_BITS) === HOLE_TYPE;
}

/** Bytes from `at` to the next record of the page. */
export function storedLength(bytes: Uint8Array, at: number): number {
  const flags = bytes[at];
  if (flags === HOLE_BYTE) return 1;
  if (isOutside(flags)) return STUB_BYTES;
  let offset = at + 1;
  let keyLength = bytes[offset];
  if (keyLength >= 0x80) keyLength = readVarint(bytes, offset, bytes.length);
  offset += varintLength(keyLength);
  let valueLength = bytes[offset];
  if (valueLength >= 0x80) valueLength = readVarint(bytes, offset, bytes.length);
  offset += varintLength(valueLength);
  const optional = ((flags & DATABASE_FLAG) === 0 ? 0 : 1) + expiryBytes(flags);
  return offset - at + optional + keyLength + valueLength + VERSION_BYTES;
}

export function readAddress(bytes: Uint8Array, stub: number): number {
  return bytes[stub + 1] | (bytes[stub + 2] << 8) | (bytes[stub + 3] << 16) | (bytes[stub + 4] << 24);
}

export function writeStub(bytes: Uint8Array, at: number, address: number): void {
  bytes[at] = OUTSIDE_TYPE;
  bytes[at + 1] = address;
  bytes[at + 2] = address >>> 8;
  bytes[at + 3] = address >>> 16;
  bytes[at + 4] = address >>> 24;
}

export function writeVersion(bytes: Uint8Array, at: number, version: number): void {
  bytes[at] = version;
  bytes[at + 1] = version >>> 8;
}

/** Turns the record or stub at `at` into a hole. */
export function makeHole(bytes: Uint8Array, at: number): void {
  if (isOutside(bytes[at])) bytes.fill(HOLE_BYTE, at, at + STUB_BYTES);
  else bytes[at] = (bytes[at] & ~POLICY_BITS) | HOLE_TYPE;
}

/** Fills `length` bytes with holes. */
export function writeHole(bytes: Uint8Array, at: number, length: number): void {
  let start = at;
  let left = length;
  while (left > 0) {
    const valueLength = left - MIN_HOLE_BYTES;
    if (valueLength < 0 || valueLength === 0x80) {
      bytes[start++] = HOLE_BYTE;
      left--;
      continue;
    }
    bytes[start] = HOLE_TYPE;
    bytes[start + 1] = 0;
    writeVarint(bytes, start + 2, valueLength < 0x80 ? valueLength : valueLength - 1);
    return;
  }
}

/** As copyBytes of the kernel, for what mostly is a little longer. */
export function copyRecord(
  source: Uint8Array,
  sourceOffset: number,
  target: Uint8Array,
  targetOffset: number,
  length: number,
): void {
  if (length <= LOOP_COPY_BYTES) {
    for (let i = 0; i < length; i++) target[targetOffset + i] = source[sourceOffset + i];
    return;
  }
  target.set(source.subarray(sourceOffset, sourceOffset + length), targetOffset);
}

/** Where the expiry time of the body at `offset` lies. */
export function expiryOffset(bytes: Uint8Array, offset: number): number {
  let at = offset + 1;
  while (bytes[at++] >= 0x80);
  while (bytes[at++] >= 0x80);
  return (bytes[offset] & DATABASE_FLAG) === 0 ? at : at + 1;
}

/** Units of the block of a long entry. */
export function outsideUnits(bodyLength: number): number {
  return Math.ceil((bodyLength + VERSION_BYTES) / UNIT_BYTES);
}

/** A stub carries the expiry flag of its entry. */
export function markExpiry(bytes: Uint8Array, stub: number, hasExpiry: boolean): void {
  bytes[stub] = hasExpiry ? bytes[stub] | EXPIRY_FLAG : bytes[stub] & ~EXPIRY_FLAG;
}
