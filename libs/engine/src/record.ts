/**
 * The body of `EntrySet`: the same bytes in memory, in the log, in a replication frame and in a snapshot, so that an
 * entry is encoded once and copied from then on.
 *
 *     flags u8 | keyLength varint | valueLength varint | [database u8] | [expiry u40 or u48 LE] | key | value
 *
 * flags: bit 0 has an expiry, bits 1-3 value type, bit 4 is not in database 0, bit 5 the expiry is a wide one, in
 * milliseconds since 1970 (u48) instead of since the base below (u40, up to 2055), bits 6-7 belong to the eviction policy of whoever holds the entry: they are no part of its contents and ignored by readers. Varints are
 * LEB128 in their shortest form: but for the policy's bits one entry has exactly one encoding, which lets digests be
 * compared between owners. Lengths stand before the optional fields so that a key comparison needs no branch on those
 * before the key's length is known.
 */
import { BOUNDS, DecodeError, assert, type ByteWriter, copyWords } from '#libs/kernel';

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
const WIDE_FLAG = 0x20;
/** Bits of the flags that an eviction policy may use. */
export const POLICY_BITS = 0xc0;
const WIDE_EXPIRY_BYTES = 6;
const EXPIRY_BYTES = 5;
/** 2020-09-13: expiry times from here on for 34 years take 5 bytes. */
export const EXPIRY_BASE_MS = 1_600_000_000_000;
const EXPIRY_SPAN_MS = 2 ** 40;
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
  const optional = (database === 0 ? 0 : 1) + expiryBytes(expiryFlags(expiresAtMs));
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
  const flags = expiryFlags(expiresAtMs);
  target[at++] = flags | (type << TYPE_SHIFT) | (database === 0 ? 0 : DATABASE_FLAG);
  at = writeVarint(target, at, keyLength);
  at = writeVarint(target, at, valueLength);
  if (database !== 0) target[at++] = database;
  at = writeExpiry(target, at, flags, expiresAtMs);
  copyWords(keyBuffer, keyOffset, target, writer.view, at, keyLength);
  copyWords(valueBuffer, valueOffset, target, writer.view, at + keyLength, valueLength);
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
  if ((flags & (EXPIRY_FLAG | WIDE_FLAG)) === WIDE_FLAG) throw new DecodeError('wide expiry of none');
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
  const expiryOffset = hasDatabase ? at + 1 : at;
  const keyOffset = expiryOffset + expiryBytes(flags);
  if (keyOffset + keyLength + valueLength > end) throw new DecodeError('truncated entry');
  into.database = hasDatabase ? buffer[at] : 0;
  if (hasDatabase && (into.database === 0 || into.database >= DATABASE_COUNT)) throw new DecodeError('bad database');
  into.expiresAtMs = readExpiry(buffer, expiryOffset, flags);
  if (expiryFlags(into.expiresAtMs) !== (flags & (EXPIRY_FLAG | WIDE_FLAG))) throw new DecodeError('bad expiry');
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

/** The flags that say how an expiry time (0 = none) is written. */
export function expiryFlags(expiresAtMs: number): number {
  if (expiresAtMs === 0) return 0;
  const offsetMs = expiresAtMs - EXPIRY_BASE_MS;
  return offsetMs >= 0 && offsetMs < EXPIRY_SPAN_MS ? EXPIRY_FLAG : EXPIRY_FLAG | WIDE_FLAG;
}

/** The flags that {@link expiryFlags} gave, out of a body's. */
export function expiryFlagsOf(flags: number): number {
  return flags & (EXPIRY_FLAG | WIDE_FLAG);
}

/** Bytes of the expiry time in a body with these flags. */
export function expiryBytes(flags: number): number {
  if ((flags & EXPIRY_FLAG) === 0) return 0;
  return (flags & WIDE_FLAG) === 0 ? EXPIRY_BYTES : WIDE_EXPIRY_BYTES;
}

/** Writes an expiry time as the flags say and answers the offset behind it. */
export function writeExpiry(target: Uint8Array, offset: number, flags: number, expiresAtMs: number): number {
  if ((flags & EXPIRY_FLAG) === 0) return offset;
  const isWide = (flags & WIDE_FLAG) !== 0;
  const number = isWide ? expiresAtMs : expiresAtMs - EXPIRY_BASE_MS;
  const high = Math.floor(number / TWO_POW_32);
  const low = number >>> 0;
  target[offset] = low;
  target[offset + 1] = low >>> 8;
  target[offset + 2] = low >>> 16;
  target[offset + 3] = low >>> 24;
  target[offset + 4] = high;
  if (!isWide) return offset + EXPIRY_BYTES;
  target[offset + 5] = high >>> 8;
  return offset + WIDE_EXPIRY_BYTES;
}

/** The expiry time at `offset` of a body with these flags; 0 = none. */
export function readExpiry(buffer: Uint8Array, offset: number, flags: number): number {
  if ((flags & EXPIRY_FLAG) === 0) return 0;
  const low = buffer[offset] | (buffer[offset + 1] << 8) | (buffer[offset + 2] << 16) | (buffer[offset + 3] << 24);
  const number = (low >>> 0) + buffer[offset + 4] * TWO_POW_32;
  return (flags & WIDE_FLAG) === 0 ? number + EXPIRY_BASE_MS : number + buffer[offset + 5] * 2 ** 40;
}
