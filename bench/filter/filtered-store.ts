/** What the filter suite measures: an engine full of keys, and the filter in front of it, used as a storage node does. */
import { ABSENT, encodeEntryBody, type EntryRef, StoreEngine, VALUE_TYPE } from '#libs/engine';
import { EngineKeys, StoreFilter } from '#libs/filter';
import { ByteWriter, partitionShift, slotOfKey } from '#libs/kernel';

export const KEY_BYTES = 12;
export const VALUE_BYTES = 32;
const PARTITIONS = 256;
const SHIFT = partitionShift(PARTITIONS);
const LIMIT_BYTES = 8 * 2 ** 30;
const HASH_SEED = 20_260_101;
const NUMBER_DIGITS = 8;
const ZERO = 0x30;
const PRESENT = 0x70;
const MISSING = 0x61;

/** Keys of 12 bytes, one behind the other, with the partition of each: as they lie in the buffer of a socket. */
export class KeyBatch {
  readonly keys: Buffer;
  readonly partitions: Uint16Array;

  constructor(readonly count: number) {
    this.keys = Buffer.alloc(count * KEY_BYTES);
    this.partitions = new Uint16Array(count);
  }

  /** Makes the key at `index` the one with this number, of those that are stored or of those that are not. */
  put(index: number, number: number, isStored: boolean): void {
    const { keys } = this;
    const at = index * KEY_BYTES;
    keys.fill(isStored ? PRESENT : MISSING, at, at + KEY_BYTES - NUMBER_DIGITS);
    let rest = number;
    for (let digit = KEY_BYTES - 1; digit >= KEY_BYTES - NUMBER_DIGITS; digit--) {
      keys[at + digit] = ZERO + (rest % 10);
      rest = Math.floor(rest / 10);
    }
    this.partitions[index] = slotOfKey(keys, at, KEY_BYTES) >>> SHIFT;
  }
}

export class FilteredStore {
  readonly engine = new StoreEngine({ partitionCount: PARTITIONS, hashSeed: HASH_SEED, limitBytes: LIMIT_BYTES });

  constructor(readonly count: number) {
    const { engine } = this;
    const one = new KeyBatch(1);
    const writer = new ByteWriter();
    const value = Buffer.alloc(VALUE_BYTES, 7);
    for (let i = 0; i < count; i++) {
      one.put(0, i, true);
      writer.reset();
      const length = encodeEntryBody(writer, 0, VALUE_TYPE.STRING, 0, one.keys, 0, KEY_BYTES, value, 0, value.length);
      if (!engine.applySet(one.partitions[0], i & 0xffff, writer.buffer, 0, length)) throw new Error('no room');
    }
  }

  /** A filter that is switched off, and will be asked always or as long as it is worth it. */
  makeFilter(falsePositiveRate: number, asksAlways: boolean): StoreFilter {
    const { engine } = this;
    const keys = new EngineKeys(engine);
    const charge = (bytes: number): boolean => engine.charge(bytes);
    const filter = new StoreFilter({ partitionCount: PARTITIONS, falsePositiveRate, keys, charge, asksAlways });
    for (let partition = 0; partition < PARTITIONS; partition++) filter.setServed(partition, true);
    return filter;
  }

  find(batch: KeyBatch, index: number): EntryRef {
    return this.engine.find(batch.partitions[index], 0, batch.keys, index * KEY_BYTES, KEY_BYTES);
  }

  findFiltered(filter: StoreFilter, batch: KeyBatch, index: number): EntryRef {
    const { engine } = this;
    const partition = batch.partitions[index];
    const at = index * KEY_BYTES;
    const hash = engine.hashOf(0, batch.keys, at, KEY_BYTES);
    if (!filter.mayContain(partition, hash, engine.hashLow)) return ABSENT;
    const ref = engine.findHashed(partition, hash, 0, batch.keys, at, KEY_BYTES);
    if (ref === ABSENT) filter.onMissed();
    return ref;
  }
}
