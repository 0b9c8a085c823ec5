/** Writes packed collections: single elements, and a copy of a packed value with some bytes of it exchanged. */
import { assert, ByteWriter } from '#libs/kernel';
import { VALUE_TYPE, varintLength, writeVarint } from '../record.js';
import { FORM, headByte } from './collection-value.js';
import type { ElementView } from './element-view.js';
import type { PackedReader } from './packed-reader.js';
import { SCORE_BYTES, writeScore } from './score-bytes.js';

export class PackedWriter {
  /** The packed value. */
  readonly out = new ByteWriter(8192);
  /** The element that {@link splice} puts in. */
  readonly element = new ByteWriter(8192);

  /** Makes {@link element} a packed element; what its type does not have is ignored. Answers its length. */
  encode(type: number, view: ElementView): number {
    this.element.reset();
    writeElement(this.element, type, view);
    return this.element.length;
  }

  /**
   * Makes {@link out} a copy of the packed value with `count` elements: without the bytes from `cutFrom` to `cutTo`,
   * and with {@link element} at `insertAt`, which is not within these (-1: without it).
   */
  splice(reader: PackedReader, count: number, cutFrom: number, cutTo: number, insertAt: number): void {
    const { out, element } = this;
    const { buffer, bodyOffset, end } = reader;
    begin(out, reader.type, count);
    if (insertAt >= 0 && insertAt <= cutFrom) {
      out.bytes(buffer, bodyOffset, insertAt - bodyOffset);
      out.bytes(element.buffer, 0, element.length);
      out.bytes(buffer, insertAt, cutFrom - insertAt);
      out.bytes(buffer, cutTo, end - cutTo);
      return;
    }
    out.bytes(buffer, bodyOffset, cutFrom - bodyOffset);
    if (insertAt < 0) {
      out.bytes(buffer, cutTo, end - cutTo);
      return;
    }
    out.bytes(buffer, cutTo, insertAt - cutTo);
    out.bytes(element.buffer, 0, element.length);
    out.bytes(buffer, insertAt, end - insertAt);
  }

  /** Makes {@link out} a packed value of {@link element} alone. */
  single(type: number): void {
    begin(this.out, type, 1);
    this.out.bytes(this.element.buffer, 0, this.element.length);
  }
}

/** Begins a packed value anew. */
export function begin(out: ByteWriter, type: number, count: number): void {
  out.reset();
  out.u8(headByte(FORM.PACKED, type));
  writeNumber(out, count);
}

/** Appends one element as packed-reader.ts has it. */
export function writeElement(out: ByteWriter, type: number, view: ElementView): void {
  if (type === VALUE_TYPE.LIST) {
    const length = varintLength(view.valueLength) + view.valueLength;
    writeNumber(out, view.valueLength);
    out.bytes(view.valueBuffer, view.valueOffset, view.valueLength);
    writeBackwards(out, length);
    return;
  }
  if (type === VALUE_TYPE.ZSET) {
    const isFloat = !isInteger(view.score);
    writeNumber(out, view.keyLength * 2 + (isFloat ? 1 : 0));
    writeScoreTo(out, view.score, isFloat);
  } else {
    writeNumber(out, view.keyLength);
    if (type === VALUE_TYPE.HASH) writeNumber(out, view.valueLength);
  }
  out.bytes(view.keyBuffer, view.keyOffset, view.keyLength);
  if (type === VALUE_TYPE.HASH) out.bytes(view.valueBuffer, view.valueOffset, view.valueLength);
}

/** Whether a score is written as an integer. */
export function isInteger(score: number): boolean {
  return (score | 0) === score;
}

export function writeNumber(out: ByteWriter, value: number): void {
  out.reserve(5);
  out.length = writeVarint(out.buffer, out.length, value);
}

function writeScoreTo(out: ByteWriter, score: number, isFloat: boolean): void {
  assert(!Number.isNaN(score), 'a score must be a number');
  if (!isFloat) {
    writeNumber(out, ((score << 1) ^ (score >> 31)) >>> 0);
    return;
  }
  out.reserve(SCORE_BYTES);
  writeScore(out.buffer, out.length, score);
  out.length += SCORE_BYTES;
}

/** A varint whose first byte stands last, so that a reader who comes from behind meets it first. */
function writeBackwards(out: ByteWriter, value: number): void {
  const length = varintLength(value);
  out.reserve(length);
  let rest = value;
  for (let i = length - 1; i >= 0; i--) {
    out.buffer[out.length + i] = (rest & 0x7f) | (i > 0 ? 0x80 : 0);
    rest >>>= 7;
  }
  out.length += length;
}
