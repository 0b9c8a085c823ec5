/**
 * The body of `EntrySet`: the same bytes in memory, in the log, in a replication frame and in a snapshot, so that an
 * entry is encoded once and copied from then on.
 *
 *     flags u8 | keyLength varint | valueLength varint | [database u8] | [expiresAtMs u48 LE] | key | value
 *
 * flags: bit 0 has an expiry, bits 1-3 value type, bit 4 is not in database 0, bit 5 must be 0, bits 6-7 belong to the
 * eviction policy of whoever holds the entry: they are no part of its contents and ignored by readers. Varints are
 * LEB128 in their shortest form: but for the policy's bits one entry has exactly one encoding, which lets digests be
 * compared between owners. Lengths stand before the optional fields so that a key comparison needs no branch on those
 * before the key's length is known.
 */
import { BOUNDS, DecodeError, assert, type ByteWriter, copyBytes } from '#libs/kernel';

/** What a value is; every number but `STRING` is reserved for the collections. */
export const VALUE_TYPE = { STRING: 0, HASH: 1, LIST: 2, SET: 3, ZSET: 4, STREAM: 5 } as const;
export type ValueType = (typeof VALUE_TYPE)[keyof typeof VALUE_TYPE];

export const DATABASE_COUNT = 16;
/** The largest expiry time that the 6 bytes hold. */
export const MAX_EXPIRES_AT_MS = 2 ** 48 - 1;

export const EXPIRY_FLAG = 0x01;
export const TYPE_SHIFT = 1;
export const TYPE_BITS = 0x0e;
export const DATABASE_FLAG = 0x10;
const RESERVED_FLAG = 0x20;
/** Bits of the flags that an eviction policy may use. */
export const POLICY_BITS = 0xc0;
export const EXPIRY_BYTES = 6;
const TWO_POW_32 = 0x100000000;

/** What a body's header says; one object is reused for many bodies. Offsets are absolute in the parsed buffer. */
export class EntryHeader {
  database = 0;
  type = 0;
  /** 0 = the entry does not expire. */
  expiresAtMs = 0;
  keyOffset = 0;
  keyLength = 0;
  valueOffset = 0;
  valueLength = 0;
  bodyLength = 0;
}

/** Length of an unsigned number below 2^32 as a varint. */
export function varintLength(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  if (value < 0x200000) return 3;
  return value < 0x10000000 ? 4 : 5;
}

export function entryBodyLength(database: number, keyLength: number, valueLength: number, expiresAtMs: number): number {
  const optional = (database === 0 ? 0 : 1) + (expiresAtMs === 0 ? 0 : EXPIRY_BYTES);
  return 1 + varintLength(keyLength) + varintLength(valueLength) + optional + keyLength + valueLength;
}

/** Appends a body to `writer` and answers its length. `expiresAtMs` 0 = none. */
export function encodeEntryBody(
  writer: ByteWriter,
  database: number,
  type: ValueType,
  expiresAtMs: number,
  keyBuffer: Uint8Array,
  keyOffset: number,
  keyLength: number,
  valueBuffer: Uint8Array,
  valueOffset: number,
  valueLength: number,
): number {
  assert(database >= 0 && database < DATABASE_COUNT, 'database number out of range');
  assert(expiresAtMs >= 0 && expiresAtMs <= MAX_EXPIRES_AT_MS, 'expiry out of range');
  assert(keyLength <= BOUNDS.maxKeyBytes, 'key too long');
  assert(valueLength <= BOUNDS.maxConfigurableValueBytes, 'value too long');
  const length = entryBodyLength(database, keyLength, valueLength, expiresAtMs);
  writer.reserve(length);
  const target = writer.buffer;
  let at = writer.length;
  const hasExpiry = expiresAtMs === 0 ? 0 : EXPIRY_FLAG;
  target[at++] = hasExpiry | (type << TYPE_SHIFT) | (database === 0 ? 0 : DATABASE_FLAG);
  at = writeVarint(target, at, keyLength);
  at = writeVarint(target, at, valueLength);
  if (database !== 0) target[at++] = database;
  if (hasExpiry !== 0) at = writeExpiry(target, at, expiresAtMs);
  copyBytes(keyBuffer, keyOffset, target, at, keyLength);
  copyBytes(valueBuffer, valueOffset, target, at + keyLength, valueLength);
  writer.length += length;
  return length;
}

/**
 * Parses the body that begins at `offset` and lies within `available` bytes; `into.bodyLength` says how many it
 * takes. Throws {@link DecodeError} for anything that {@link encodeEntryBody} does not write.
 */
export function parseEntryBody(buffer: Uint8Array, offset: number, available: number, into: EntryHeader): void {
  const end = offset + available;
  assert(offset >= 0 && end <= buffer.length, 'range outside the buffer');
  if (available < 3) throw new DecodeError('truncated entry');
  const flags = buffer[offset];
  const type = (flags & TYPE_BITS) >>> TYPE_SHIFT;
  if (type > VALUE_TYPE.STREAM) throw new DecodeError('unknown value type');
  if ((flags & RESERVED_FLAG) !== 0) throw new DecodeError('unknown flag');
  let at = offset + 1;
  let keyLength = buffer[at];
  if (keyLength >= 0x80) keyLength = readVarint(buffer, at, end);
  at += varintLength(keyLength);
  let valueLength = at < end ? buffer[at] : 0x80;
  if (valueLength >= 0x80) valueLength = readVarint(buffer, at, end);
  at += varintLength(valueLength);
  if (keyLength > BOUNDS.maxKeyBytes) throw new DecodeError('key too long');
  if (valueLength > BOUNDS.maxConfigurableValueBytes) throw new DecodeError('value too long');
  const hasDatabase = (flags & DATABASE_FLAG) !== 0;
  const hasExpiry = (flags & EXPIRY_FLAG) !== 0;
  const expiryOffset = hasDatabase ? at + 1 : at;
  const keyOffset = hasExpiry ? expiryOffset + EXPIRY_BYTES : expiryOffset;
  if (keyOffset + keyLength + valueLength > end) throw new DecodeError('truncated entry');
  into.database = hasDatabase ? buffer[at] : 0;
  if (hasDatabase && (into.database === 0 || into.database >= DATABASE_COUNT)) throw new DecodeError('bad database');
  into.expiresAtMs = hasExpiry ? readExpiry(buffer, expiryOffset) : 0;
  if (hasExpiry && into.expiresAtMs === 0) throw new DecodeError('expiry of zero');
  into.type = type;
  into.keyOffset = keyOffset;
  into.keyLength = keyLength;
  into.valueOffset = keyOffset + keyLength;
  into.valueLength = valueLength;
  into.bodyLength = into.valueOffset + valueLength - offset;
}

/** Writes a number below 2^32 and answers the offset behind it. */
export function writeVarint(target: Uint8Array, offset: number, value: number): number {
  let at = offset;
  let rest = value;
  while (rest >= 0x80) {
    target[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  target[at++] = rest;
  return at;
}

/** Reads a shortest-form varint below 2^32; its length is {@link varintLength} of the result. */
export function readVarint(buffer: Uint8Array, offset: number, end: number): number {
  let value = 0;
  for (let at = offset, shift = 0; at < end && shift <= 28; at++, shift += 7) {
    const byte = buffer[at];
    if (shift === 28 && byte > 0x0f) break;
    value = (value | ((byte & 0x7f) << shift)) >>> 0;
    if (byte < 0x80) {
      if (byte === 0 && shift > 0) throw new DecodeError('overlong number');
      return value;
    }
  }
  throw new DecodeError('bad number');
}

/** Writes the 6 bytes of an expiry time and answers the offset behind them. */
export function writeExpiry(target: Uint8Array, offset: number, expiresAtMs: number): number {
  const high = Math.floor(expiresAtMs / TWO_POW_32);
  const low = expiresAtMs >>> 0;
  target[offset] = low;
  target[offset + 1] = low >>> 8;
  target[offset + 2] = low >>> 16;
  target[offset + 3] = low >>> 24;
  target[offset + 4] = high;
  target[offset + 5] = high >>> 8;
  return offset + EXPIRY_BYTES;
}

export function readExpiry(buffer: Uint8Array, offset: number): number {
  const low = buffer[offset] | (buffer[offset + 1] << 8) | (buffer[offset + 2] << 16) | (buffer[offset + 3] << 24);
  return (low >>> 0) + (buffer[offset + 4] | (buffer[offset + 5] << 8)) * TWO_POW_32;
}
