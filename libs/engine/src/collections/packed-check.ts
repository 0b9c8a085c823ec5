/** Checks packed bytes that came from elsewhere, to the last bit: one collection has exactly one encoding. */
import { DecodeError } from '#libs/kernel';
import { VALUE_TYPE, varintLength } from '../record.js';
import { checkHead, FORM } from './collection-value.js';
import { COLLECTION_BOUNDS } from './collection-bounds.js';
import { compareBytes } from './compare-bytes.js';
import { PackedReader } from './packed-reader.js';
import { isInteger } from './packed-writer.js';

const reader = new PackedReader();
const other = new PackedReader();

/**
 * Throws DecodeError for a value of a collection's type that is no packed one within the bounds: cut off, of another
 * type or format, not in its shortest form, with a key twice, a sorted set out of order, or a large collection's root.
 */
export function checkPacked(type: number, buffer: Uint8Array, offset: number, length: number): void {
  checkUnit(type, buffer, offset, length);
  if (type === VALUE_TYPE.LIST) return;
  if (reader.count > COLLECTION_BOUNDS.packedElements) {
    throw new DecodeError(
      `packed collection of ${reader.count} elements; ${COLLECTION_BOUNDS.packedElements} are allowed`,
    );
  }
  other.open(buffer, offset, length);
  for (reader.rewind(); reader.forward();) {
    if (other.find(buffer, reader.keyOffset, reader.keyLength) && other.index === reader.index) continue;
    throw new DecodeError('key twice in a packed collection');
  }
}

/** As {@link checkPacked}, for a unit: more elements are allowed, and whoever puts them in finds what is there twice. */
export function checkUnit(type: number, buffer: Uint8Array, offset: number, length: number): void {
  if (type < VALUE_TYPE.HASH || type > VALUE_TYPE.ZSET) throw new DecodeError(`no collection has the type ${type}`);
  if (length < 2) throw new DecodeError('truncated collection');
  if (length > COLLECTION_BOUNDS.packedBytes) {
    throw new DecodeError(`packed collection of ${length} bytes; ${COLLECTION_BOUNDS.packedBytes} are allowed`);
  }
  checkHead(buffer[offset], FORM.PACKED, type);
  reader.open(buffer, offset, length);
  if (reader.count === 0) throw new DecodeError('collection of no elements');
  if (reader.count > length) throw new DecodeError('collection of more elements than bytes');
  for (let i = 0; i < reader.count; i++) checkElement(type);
  if (reader.next !== reader.end) throw new DecodeError('bytes behind the last element');
}

/** Moves to the next element and checks what the reader's walk does not. */
function checkElement(type: number): void {
  const before = reader.score;
  const { index, keyOffset, keyLength } = reader;
  reader.forward();
  if (type === VALUE_TYPE.LIST) checkBackLength();
  if (type !== VALUE_TYPE.ZSET) return;
  const { buffer, score, at } = reader;
  if (Number.isNaN(score)) throw new DecodeError('score is no number');
  if (((buffer[at] & 1) === 1) === isInteger(score)) throw new DecodeError('score in the wrong form');
  if (index < 0 || before < score) return;
  if (before === score) {
    if (compareBytes(buffer, keyOffset, keyLength, buffer, reader.keyOffset, reader.keyLength) < 0) return;
  }
  throw new DecodeError('sorted set out of order');
}

/** The length behind a list element must be the one that the element has. */
function checkBackLength(): void {
  const { buffer, next, at } = reader;
  const length = reader.valueOffset + reader.valueLength - at;
  const last = varintLength(length) - 1;
  for (let i = 0; i <= last; i++) {
    const digits = (length >>> (7 * i)) & 0x7f;
    if (buffer[next - 1 - i] !== (i < last ? digits | 0x80 : digits)) throw new DecodeError('broken list');
  }
}
