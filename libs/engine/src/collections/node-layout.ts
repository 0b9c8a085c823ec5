/**
 * A node of a collection's B+tree (Comer, "The Ubiquitous B-Tree", ACM Computing Surveys 1979; a counted one, so that
 * an element is found by its rank too), as a slotted page within a block of the arena:
 *
 *     flags u8 | block bytes / 64 u8 | cells u16 | top u16 | dead u16 | offset u16 per cell... | free | cells
 *
 * Offsets stand in the cells' order, cells lie where there was room: from the block's end down to `top`, with `dead`
 * bytes of removed ones among them. Numbers are little-endian. A cell, by the tree's shape:
 *
 *     leaf of a list        valueLength varint | value
 *     leaf of keys          keyLength varint | key
 *     leaf of fields        keyLength varint | valueLength varint | key | value
 *     leaf of members       keyLength varint | key | score f64
 *     inner                 child u32 | elements below u32 | [keyLength varint | key]      no key in a list
 *
 * An inner cell's key is not above any key below it and above all below the cell before (the first cell's is ignored):
 * the shortest such prefix, as in Bayer and Unterauer, "Prefix B-Trees", ACM TODS 1977. A key or value longer than its
 * bound has a block of its own, and the cell 4 bytes of address in its place.
 */
import { readVarint, varintLength } from '../record.js';
import { COLLECTION_BOUNDS } from './collection-bounds.js';
import { readU32, writeU32 } from './collection-value.js';
import { SCORE_BYTES } from './score-bytes.js';

export const SHAPE = { LIST: 0, KEYS: 1, FIELDS: 2, MEMBERS: 3 } as const;
export const SHAPE_BITS = 3;
export const INNER_FLAG = 4;
export const HEADER_BYTES = 8;
export const SLOT_BYTES = 2;
export const CHILD_BYTES = 8;
const ADDRESS_BYTES = 4;
const { inlineKeyBytes, inlineValueBytes } = COLLECTION_BOUNDS;

/** Where a cell's parts lie: `keyAt` and `valueAt` are those of the address where the part is outside. */
export class Cell {
  at = 0;
  length = 0;
  keyAt = 0;
  keyLength = 0;
  valueAt = 0;
  valueLength = 0;
}

export function isKeyOutside(keyLength: number): boolean {
  return keyLength > inlineKeyBytes;
}

export function isValueOutside(flags: number, valueLength: number): boolean {
  return valueLength > inlineValueBytes && (flags & SHAPE_BITS) !== SHAPE.MEMBERS;
}

/** Bytes of a key in its cell. */
export function keyBytesIn(keyLength: number): number {
  return isKeyOutside(keyLength) ? ADDRESS_BYTES : keyLength;
}

export function valueBytesIn(valueLength: number): number {
  return valueLength > inlineValueBytes ? ADDRESS_BYTES : valueLength;
}

/** Makes an empty node of `sizeBytes` at `at`. */
export function initNode(bytes: Uint8Array, at: number, sizeBytes: number, flags: number): void {
  bytes[at] = flags;
  bytes[at + 1] = sizeBytes / 64;
  writeU16(bytes, at + 2, 0);
  writeU16(bytes, at + 4, sizeBytes);
  writeU16(bytes, at + 6, 0);
}

export function isInner(bytes: Uint8Array, at: number): boolean {
  return (bytes[at] & INNER_FLAG) !== 0;
}

export function unitsOf(bytes: Uint8Array, at: number): number {
  return bytes[at + 1];
}

export function cellCount(bytes: Uint8Array, at: number): number {
  return readU16(bytes, at + 2);
}

/** Free bytes between offsets and cells. */
export function gapBytes(bytes: Uint8Array, at: number): number {
  return readU16(bytes, at + 4) - HEADER_BYTES - SLOT_BYTES * cellCount(bytes, at);
}

export function deadBytes(bytes: Uint8Array, at: number): number {
  return readU16(bytes, at + 6);
}

/** Bytes that the node needs, in a block of `sizeBytes`. */
export function neededBytes(bytes: Uint8Array, at: number, sizeBytes: number): number {
  return sizeBytes - gapBytes(bytes, at) - deadBytes(bytes, at);
}

/** Where a cell begins in `bytes`. */
export function cellAt(bytes: Uint8Array, at: number, slot: number): number {
  return at + readU16(bytes, at + HEADER_BYTES + SLOT_BYTES * slot);
}

export function readCell(bytes: Uint8Array, at: number, slot: number, cell: Cell): void {
  const flags = bytes[at];
  const shape = flags & SHAPE_BITS;
  const start = cellAt(bytes, at, slot);
  let from = (flags & INNER_FLAG) === 0 ? start : start + CHILD_BYTES;
  let keyLength = 0;
  let valueLength = 0;
  if (shape !== SHAPE.LIST) {
    keyLength = readVarint(bytes, from, bytes.length);
    from += varintLength(keyLength);
  }
  if ((flags & INNER_FLAG) === 0) {
    if (shape === SHAPE.MEMBERS) valueLength = SCORE_BYTES;
    else if (shape !== SHAPE.KEYS) {
      valueLength = readVarint(bytes, from, bytes.length);
      from += varintLength(valueLength);
    }
  }
  cell.at = start;
  cell.keyAt = from;
  cell.keyLength = keyLength;
  cell.valueAt = from + keyBytesIn(keyLength);
  cell.valueLength = valueLength;
  cell.length = cell.valueAt + valueBytesIn(valueLength) - start;
}

/** Puts a cell before the one of `slot`; the node must have the room in one piece. */
export function insertCell(
  bytes: Uint8Array,
  at: number,
  slot: number,
  source: Uint8Array,
  offset: number,
  length: number,
): void {
  const count = cellCount(bytes, at);
  const top = readU16(bytes, at + 4) - length;
  for (let i = 0; i < length; i++) bytes[at + top + i] = source[offset + i];
  const slotAt = at + HEADER_BYTES + SLOT_BYTES * slot;
  if (slot < count) bytes.copyWithin(slotAt + SLOT_BYTES, slotAt, at + HEADER_BYTES + SLOT_BYTES * count);
  writeU16(bytes, slotAt, top);
  writeU16(bytes, at + 2, count + 1);
  writeU16(bytes, at + 4, top);
}

/** Removes a cell of `length` bytes. */
export function removeCell(bytes: Uint8Array, at: number, slot: number, length: number): void {
  const count = cellCount(bytes, at);
  const slotAt = at + HEADER_BYTES + SLOT_BYTES * slot;
  const offset = readU16(bytes, slotAt);
  const top = readU16(bytes, at + 4);
  bytes.copyWithin(slotAt, slotAt + SLOT_BYTES, at + HEADER_BYTES + SLOT_BYTES * count);
  writeU16(bytes, at + 2, count - 1);
  if (offset === top) writeU16(bytes, at + 4, top + length);
  else writeU16(bytes, at + 6, deadBytes(bytes, at) + length);
}

export function childOf(bytes: Uint8Array, at: number, slot: number): number {
  return readU32(bytes, cellAt(bytes, at, slot));
}

/** Elements below an inner cell. */
export function belowOf(bytes: Uint8Array, at: number, slot: number): number {
  return readU32(bytes, cellAt(bytes, at, slot) + 4);
}

export function setChild(bytes: Uint8Array, at: number, slot: number, child: number, below: number): void {
  const start = cellAt(bytes, at, slot);
  writeU32(bytes, start, child);
  writeU32(bytes, start + 4, below);
}

/** Elements in or below a node. */
export function elementsOf(bytes: Uint8Array, at: number): number {
  const count = cellCount(bytes, at);
  if (!isInner(bytes, at)) return count;
  let elements = 0;
  for (let slot = 0; slot < count; slot++) elements += belowOf(bytes, at, slot);
  return elements;
}

export function readU16(bytes: Uint8Array, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8);
}

export function writeU16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
}
