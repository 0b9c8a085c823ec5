/**
 * An engine with entries of mixed sizes, and a plain list of what it holds, so that a benchmark can overwrite and remove
 * at random. Values are spread evenly over powers of two: most are short, most bytes are in long ones.
 */
import { ABSENT, encodeEntryBody, EntryView, StoreEngine, type StoreEngineOptions, VALUE_TYPE } from '#libs/engine';
import { ByteWriter, partitionShift, slotOfKey } from '#libs/kernel';
import { Xorshift } from '../lib/xorshift.js';
import { DIGITS_AT, KEY_BYTES, keyOf, numberOf, writeDigits } from './load-template.js';

export const PARTITIONS = 256;
export const SMALLEST_VALUE_BYTES = 64;
export const LARGEST_VALUE_BYTES = 8192;
/** Mean of a value's length: (b − a) / ln(b / a) for sizes whose logarithm is evenly spread. */
export const MEAN_VALUE_BYTES =
  (LARGEST_VALUE_BYTES - SMALLEST_VALUE_BYTES) / Math.log(LARGEST_VALUE_BYTES / SMALLEST_VALUE_BYTES);
const DOUBLINGS = Math.log2(LARGEST_VALUE_BYTES / SMALLEST_VALUE_BYTES);
const HASH_SEED = 20_260_101;
const RANDOM_SEED = 20_260_102;

/** The length of a value, drawn at random. */
export function randomValueBytes(rng: Xorshift): number {
  return Math.floor(SMALLEST_VALUE_BYTES * 2 ** (rng.next() * DOUBLINGS));
}

export class MixedStore {
  readonly engine: StoreEngine;
  readonly rng = new Xorshift(RANDOM_SEED);
  /** Keys and values that are stored. */
  payloadBytes = 0;
  count = 0;

  /** By key number: one more than the length of its value, or 0 for none. */
  private readonly lengths: Uint16Array;
  /** Numbers of the stored keys, and by key number where it stands there. */
  private readonly stored: Uint32Array;
  private readonly places: Uint32Array;
  private readonly partitions: Uint16Array;
  private readonly key = Buffer.from(keyOf(0), 'latin1');
  private readonly value = Buffer.alloc(LARGEST_VALUE_BYTES, 'v');
  private readonly writer = new ByteWriter();
  private readonly view = new EntryView();

  /** Key numbers are below `keys`. */
  constructor(
    readonly keys: number,
    options: Omit<StoreEngineOptions, 'partitionCount' | 'hashSeed'>,
  ) {
    this.engine = new StoreEngine({ ...options, partitionCount: PARTITIONS, hashSeed: HASH_SEED });
    this.lengths = new Uint16Array(keys);
    this.stored = new Uint32Array(keys);
    this.places = new Uint32Array(keys);
    const shift = partitionShift(PARTITIONS);
    this.partitions = new Uint16Array(keys).map((_, number) => {
      writeDigits(this.key, DIGITS_AT, number);
      return slotOfKey(this.key, 0, KEY_BYTES) >>> shift;
    });
  }

  randomLength(): number {
    return randomValueBytes(this.rng);
  }

  /** The number of a key that is stored; there must be one. */
  randomStored(): number {
    return this.stored[this.rng.below(this.count)];
  }

  /** Puts the body of an entry where {@link apply} finds it: what a storage node gets with the operation. */
  encode(number: number, valueBytes: number, expiresAtMs = 0): void {
    const { writer, key, value } = this;
    writeDigits(key, DIGITS_AT, number);
    writer.length = 0;
    encodeEntryBody(writer, 0, VALUE_TYPE.STRING, expiresAtMs, key, 0, KEY_BYTES, value, 0, valueBytes);
  }

  /** Stores what was encoded; false where the limit does not allow it. */
  apply(number: number): boolean {
    const { writer } = this;
    return this.engine.applySet(this.partitions[number], number & 0xffff, writer.buffer, 0, writer.length);
  }

  /** {@link encode} and {@link apply}, and notes it. */
  set(number: number, valueBytes: number, expiresAtMs = 0): boolean {
    this.encode(number, valueBytes, expiresAtMs);
    if (!this.apply(number)) return false;
    this.note(number, valueBytes);
    return true;
  }

  /** Notes that the entry is stored with a value of this length. */
  note(number: number, valueBytes: number): void {
    const before = this.lengths[number];
    this.payloadBytes += valueBytes + (before === 0 ? KEY_BYTES : 1 - before);
    this.lengths[number] = valueBytes + 1;
    if (before !== 0) return;
    this.places[number] = this.count;
    this.stored[this.count++] = number;
  }

  remove(number: number): void {
    writeDigits(this.key, DIGITS_AT, number);
    const ref = this.engine.find(this.partitions[number], 0, this.key, 0, KEY_BYTES);
    if (ref === ABSENT) throw new Error(`the engine has lost key ${number}`);
    this.removeAt(this.partitions[number], ref);
  }

  /** Removes an entry that the engine has offered. */
  removeAt(partition: number, ref: number): void {
    this.engine.read(ref, this.view);
    const number = numberOf(this.view.buffer, this.view.keyOffset);
    this.engine.applyRemove(partition, ref);
    this.payloadBytes -= KEY_BYTES + this.lengths[number] - 1;
    this.lengths[number] = 0;
    const last = this.stored[--this.count];
    this.stored[this.places[number]] = last;
    this.places[last] = this.places[number];
  }
}
