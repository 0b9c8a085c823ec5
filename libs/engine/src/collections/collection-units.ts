/**
 * A collection as units of at most 4 KiB, for snapshots and moves. A unit is a packed value of the next elements, as many as
 * fit; an element too long for that comes in fragments:
 *
 *     head FRAGMENT | keyLength varint | valueLength varint | score f64 (sorted sets) | offset varint | bytes
 *
 * of key and value one behind the other. Where a unit ends depends on the elements before it alone, not on how the trees
 * lie in memory; a packed collection is one unit, its value itself. Position and elements stay valid while the
 * collection does not change.
 */
import { ByteWriter } from '#libs/kernel';
import { VALUE_TYPE, varintLength } from '../record.js';
import { COLLECTION_BOUNDS } from './collection-bounds.js';
import { CollectionCursor } from './collection-cursor.js';
import type { CollectionForms } from './collection-forms.js';
import type { CollectionSlot } from './collection-slot.js';
import { FORM, headByte } from './collection-value.js';
import { begin, writeElement, writeNumber } from './packed-writer.js';
import { SCORE_BYTES, writeScore } from './score-bytes.js';

const { packedBytes } = COLLECTION_BOUNDS;
/** Room that a unit keeps for its head and count. */
const HEAD_BYTES = 4;

/** Where the next unit begins: an element's number, and the bytes of it that earlier fragments had. */
export interface UnitPosition {
  index: number;
  offset: number;
}

export class UnitWriter {
  /** The unit. */
  readonly out = new ByteWriter(2 * packedBytes);
  private readonly elements = new ByteWriter(2 * packedBytes);
  private readonly cursor: CollectionCursor;

  constructor(forms: CollectionForms) {
    this.cursor = new CollectionCursor(forms);
  }

  /** Makes {@link out} the unit at this position and moves that on; false where the collection has no more. */
  next(slot: CollectionSlot, type: number, position: UnitPosition): boolean {
    const { cursor, elements, out } = this;
    if (!cursor.open(slot, position.index)) return false;
    if (!cursor.isLarge) {
      out.reset();
      out.bytes(slot.buffer, slot.valueOffset, slot.valueLength);
      position.index = cursor.count;
      return true;
    }
    if (position.offset > 0 || this.encodedBytes(type) + HEAD_BYTES > packedBytes) {
      this.writeFragment(type, position);
      return true;
    }
    elements.reset();
    let count = 0;
    do {
      if (this.encodedBytes(type) + elements.length + HEAD_BYTES > packedBytes) break;
      writeElement(elements, type, cursor.element);
      count++;
    } while (cursor.forward());
    begin(out, type, count);
    out.bytes(elements.buffer, 0, elements.length);
    position.index += count;
    return true;
  }

  /** At least the bytes of the cursor's element in a unit. */
  private encodedBytes(type: number): number {
    const { keyLength, valueLength } = this.cursor.element;
    if (type === VALUE_TYPE.LIST) return valueLength + 2 * varintLength(valueLength + 5);
    if (type === VALUE_TYPE.ZSET) return keyLength + varintLength(2 * keyLength + 1) + SCORE_BYTES;
    if (type === VALUE_TYPE.SET) return keyLength + varintLength(keyLength);
    return keyLength + valueLength + varintLength(keyLength) + varintLength(valueLength);
  }

  private writeFragment(type: number, position: UnitPosition): void {
    const { out } = this;
    const { keyBuffer, keyOffset, score, valueBuffer, valueOffset, ...lengths } = this.cursor.element;
    const keyLength = type === VALUE_TYPE.LIST ? 0 : lengths.keyLength;
    const valueLength = type === VALUE_TYPE.LIST || type === VALUE_TYPE.HASH ? lengths.valueLength : 0;
    out.reset();
    out.u8(headByte(FORM.FRAGMENT, type));
    writeNumber(out, keyLength);
    writeNumber(out, valueLength);
    if (type === VALUE_TYPE.ZSET) {
      out.reserve(SCORE_BYTES);
      writeScore(out.buffer, out.length, score);
      out.length += SCORE_BYTES;
    }
    writeNumber(out, position.offset);
    const end = Math.min(position.offset + packedBytes - out.length, keyLength + valueLength);
    const keyEnd = Math.min(end, keyLength);
    if (position.offset < keyEnd) out.bytes(keyBuffer, keyOffset + position.offset, keyEnd - position.offset);
    const valueStart = Math.max(position.offset, keyLength) - keyLength;
    if (end > keyLength) out.bytes(valueBuffer, valueOffset + valueStart, end - keyLength - valueStart);
    if (end < keyLength + valueLength) {
      position.offset = end;
      return;
    }
    position.index++;
    position.offset = 0;
  }
}
