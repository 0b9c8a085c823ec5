/**
 * Packed collections: the elements one behind another, after the idea of Redis's listpack (Salvatore Sanfilippo,
 * "Listpack specification") in a format of our own:
 *
 *     head | count varint | element...
 *     hash        keyLength varint | valueLength varint | key | value                     in order of insertion
 *     set         keyLength varint | key                                                  in order of insertion
 *     sorted set  keyLength * 2 + isFloat varint | score | key                            by (score, key)
 *     list        valueLength varint | value | length of these two, varint backwards      from left to right
 *
 * A score that is an integer of 32 bits is a zigzag varint, any other one 8 bytes. Varints have their shortest form. To
 * find a key is to walk: half of at most 128 elements and 4 KiB on average, all of them on a miss. Keeping keys sorted
 * would halve misses alone, and cost every insertion a search.
 *
 * A reader checks every length against the end and throws DecodeError beyond it; {@link checkPacked} checks the rest.
 */
import { DecodeError, equalBytes } from '#libs/kernel';
import { readVarint, VALUE_TYPE, varintLength } from '../record.js';
import { typeOfHead } from './collection-value.js';
import type { ElementView } from './element-view.js';
import { readScore, SCORE_BYTES } from './score-bytes.js';

const NO_BYTES = new Uint8Array(0);
/** A packed list's element has at most 4096 bytes, so its length backwards has two. */
const MAX_LENGTH_SHIFT = 7;

export class PackedReader {
  buffer: Uint8Array = NO_BYTES;
  type = 0;
  count = 0;
  /** Where the first element begins, and where the last one ends. */
  bodyOffset = 0;
  end = 0;
  /** The current element: its number (-1 before the first), where it begins and where the next one does. */
  index = -1;
  at = 0;
  next = 0;
  keyOffset = 0;
  keyLength = 0;
  valueOffset = 0;
  valueLength = 0;
  score = 0;

  /** Opens a packed value before its first element. */
  open(buffer: Uint8Array, offset: number, length: number): void {
    this.buffer = buffer;
    this.end = offset + length;
    this.type = typeOfHead(buffer[offset]);
    this.count = readVarint(buffer, offset + 1, this.end);
    this.bodyOffset = offset + 1 + varintLength(this.count);
    this.keyLength = 0;
    this.valueLength = 0;
    this.score = 0;
    this.rewind();
  }

  rewind(): void {
    this.index = -1;
    this.at = this.bodyOffset;
    this.next = this.bodyOffset;
  }

  /** Goes behind the last element. */
  toEnd(): void {
    this.index = this.count;
    this.at = this.end;
    this.next = this.end;
  }

  /** Moves to the next element; false, and behind the last one, where there is none. */
  forward(): boolean {
    if (this.index + 1 >= this.count) {
      this.toEnd();
      return false;
    }
    this.at = this.next;
    this.index++;
    this.parse();
    return true;
  }

  /** Moves to the element before; false, and before the first one, where there is none. */
  backward(): boolean {
    if (this.index <= 0) {
      this.rewind();
      return false;
    }
    if (this.type !== VALUE_TYPE.LIST) return this.seek(this.index - 1);
    this.at -= this.lengthBefore(this.at);
    this.index--;
    this.parse();
    return true;
  }

  /** Moves to the element of this number (from 0); a list is walked from its nearer end. */
  seek(index: number): boolean {
    if (index < 0 || index >= this.count) {
      this.toEnd();
      return false;
    }
    if (this.type === VALUE_TYPE.LIST && index > this.count >>> 1) {
      this.toEnd();
      while (this.index > index) this.backward();
      return true;
    }
    this.rewind();
    while (this.index < index) this.forward();
    return true;
  }

  /** Moves to the element of this key; false, and behind the last element, where there is none. */
  find(key: Uint8Array, offset: number, length: number): boolean {
    this.rewind();
    while (this.forward()) {
      if (this.keyLength === length && equalBytes(this.buffer, this.keyOffset, key, offset, length)) return true;
    }
    return false;
  }

  fill(view: ElementView): void {
    view.keyBuffer = this.buffer;
    view.keyOffset = this.keyOffset;
    view.keyLength = this.keyLength;
    view.valueBuffer = this.buffer;
    view.valueOffset = this.valueOffset;
    view.valueLength = this.valueLength;
    view.score = this.score;
  }

  /** Reads the element at `at`. */
  private parse(): void {
    const { buffer, end, type } = this;
    const first = readVarint(buffer, this.at, end);
    let from = this.at + varintLength(first);
    if (type === VALUE_TYPE.LIST) {
      this.valueOffset = from;
      this.valueLength = first;
      const length = from + first - this.at;
      this.next = from + first + varintLength(length);
    } else if (type === VALUE_TYPE.ZSET) {
      from = (first & 1) === 0 ? this.parseInteger(from) : this.parseFloat(from);
      this.keyOffset = from;
      this.keyLength = first >>> 1;
      this.next = from + this.keyLength;
    } else {
      const valueLength = type === VALUE_TYPE.HASH ? readVarint(buffer, from, end) : 0;
      this.keyOffset = type === VALUE_TYPE.HASH ? from + varintLength(valueLength) : from;
      this.keyLength = first;
      this.valueOffset = this.keyOffset + first;
      this.valueLength = valueLength;
      this.next = this.valueOffset + valueLength;
    }
    if (this.next > end) throw new DecodeError('element reaches beyond its collection');
  }

  private parseInteger(from: number): number {
    const zigzag = readVarint(this.buffer, from, this.end);
    this.score = (zigzag >>> 1) ^ -(zigzag & 1);
    return from + varintLength(zigzag);
  }

  private parseFloat(from: number): number {
    if (from + SCORE_BYTES > this.end) throw new DecodeError('score reaches beyond its collection');
    this.score = readScore(this.buffer, from);
    return from + SCORE_BYTES;
  }

  /** Bytes of the list element that ends at `end`. */
  private lengthBefore(end: number): number {
    let at = end;
    let length = 0;
    let shift = 0;
    do {
      if (--at < this.bodyOffset || shift > MAX_LENGTH_SHIFT) throw new DecodeError('broken list');
      length |= (this.buffer[at] & 0x7f) << shift;
      shift += 7;
    } while (this.buffer[at] >= 0x80);
    const whole = length + end - at;
    if (whole > end - this.bodyOffset) throw new DecodeError('broken list');
    return whole;
  }
}
