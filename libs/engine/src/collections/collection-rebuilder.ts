/** Builds a collection from its units (collection-units.ts), in their order. They may come from anywhere. */
import { BOUNDS, ByteWriter, DecodeError } from '#libs/kernel';
import { readVarint, VALUE_TYPE, varintLength } from '../record.js';
import { COLLECTION_BOUNDS } from './collection-bounds.js';
import { CHANGE, type Change, type CollectionSlot } from './collection-slot.js';
import { checkHead, FORM, headByte } from './collection-value.js';
import { ElementView } from './element-view.js';
import { checkUnit } from './packed-check.js';
import { PackedReader } from './packed-reader.js';
import { readScore, SCORE_BYTES } from './score-bytes.js';

/** Adds an element to the slot's collection; a list's at its right end. */
export type AddElement = (slot: CollectionSlot, type: number, element: ElementView) => Change;

export class CollectionRebuilder {
  private readonly reader = new PackedReader();
  private readonly element = new ElementView();
  /** What has arrived of an element in fragments, and what that will be; lengths 0 = no such element. */
  private readonly arrived = new ByteWriter();
  private keyLength = 0;
  private valueLength = 0;
  private score = 0;

  constructor(private readonly add: AddElement) {}

  /** Forgets an element whose fragments have not all come. To be called before the first unit of a collection. */
  reset(): void {
    this.arrived.reset();
    this.keyLength = 0;
    this.valueLength = 0;
  }

  /** Whether the last unit has ended an element; a collection may end only then. */
  get isWhole(): boolean {
    return this.keyLength + this.valueLength === 0;
  }

  /**
   * Adds a unit's elements; false where memory does not allow it, and the caller gives the collection up. Throws
   * DecodeError for what is no unit of this type at this place; some of its elements may have been added then.
   */
  append(slot: CollectionSlot, type: number, buffer: Uint8Array, offset: number, length: number): boolean {
    if (length > 0 && buffer[offset] === headByte(FORM.FRAGMENT, type)) {
      return this.appendFragment(slot, type, buffer, offset, length);
    }
    if (!this.isWhole) throw new DecodeError('unit in place of a fragment');
    checkUnit(type, buffer, offset, length);
    const { reader, element } = this;
    reader.open(buffer, offset, length);
    while (reader.forward()) {
      reader.fill(element);
      if (this.add(slot, type, element) === CHANGE.REFUSED) return false;
    }
    return true;
  }

  private appendFragment(
    slot: CollectionSlot,
    type: number,
    buffer: Uint8Array,
    offset: number,
    length: number,
  ): boolean {
    const { arrived } = this;
    const end = offset + length;
    if (length > COLLECTION_BOUNDS.packedBytes) throw new DecodeError(`fragment of ${length} bytes`);
    checkHead(buffer[offset], FORM.FRAGMENT, type);
    const keyLength = readVarint(buffer, offset + 1, end);
    let at = offset + 1 + varintLength(keyLength);
    const valueLength = readVarint(buffer, at, end);
    at += varintLength(valueLength);
    let score = 0;
    if (type === VALUE_TYPE.ZSET) {
      if (at + SCORE_BYTES > end) throw new DecodeError('truncated fragment');
      score = readScore(buffer, at);
      at += SCORE_BYTES;
    }
    const from = readVarint(buffer, at, end);
    at += varintLength(from);
    if (this.isWhole) this.begin(type, keyLength, valueLength, score);
    const fits = keyLength === this.keyLength && valueLength === this.valueLength && Object.is(score, this.score);
    const isNext = from === arrived.length && at < end && from + end - at <= keyLength + valueLength;
    if (!fits || !isNext) throw new DecodeError('fragment out of place');
    arrived.bytes(buffer, at, end - at);
    return arrived.length < keyLength + valueLength || this.end(slot, type);
  }

  private begin(type: number, keyLength: number, valueLength: number, score: number): void {
    const isAllowed =
      (type !== VALUE_TYPE.LIST || keyLength === 0) &&
      (type === VALUE_TYPE.LIST || type === VALUE_TYPE.HASH || valueLength === 0) &&
      keyLength <= BOUNDS.maxConfigurableValueBytes &&
      valueLength <= BOUNDS.maxConfigurableValueBytes &&
      keyLength + valueLength > 0 &&
      !Number.isNaN(score);
    if (!isAllowed) throw new DecodeError(`fragment of a key of ${keyLength} and a value of ${valueLength} bytes`);
    this.arrived.reset();
    this.keyLength = keyLength;
    this.valueLength = valueLength;
    this.score = score;
  }

  private end(slot: CollectionSlot, type: number): boolean {
    const { element, arrived } = this;
    element.keyBuffer = arrived.buffer;
    element.keyOffset = 0;
    element.keyLength = this.keyLength;
    element.valueBuffer = arrived.buffer;
    element.valueOffset = this.keyLength;
    element.valueLength = this.valueLength;
    element.score = this.score;
    const change = this.add(slot, type, element);
    this.reset();
    return change !== CHANGE.REFUSED;
  }
}
