/** What is compared: the engine, and the plainest thing that does the same in JavaScript. */
import { ABSENT, encodeEntryBody, EntryView, StoreEngine, VALUE_TYPE } from '#libs/engine';
import { ByteWriter, partitionShift, slotOfKey } from '#libs/kernel';
import { KEY_BYTES, VALUE_BYTES } from './workload.js';

export interface Subject {
  /** Stores `value` under the key at `keyOffset`; false where there is no room. */
  set(index: number, keys: Buffer, keyOffset: number, value: Buffer): boolean;
  /** The first byte of the value, or -1 without an entry. */
  get(index: number, keys: Buffer, keyOffset: number): number;
  /** What the subject knows of its own memory, in bytes; empty where it knows nothing. */
  ownBytes(): { readonly usedBytes?: number; readonly reservedBytes?: number };
}

const PARTITIONS = 256;
const LIMIT_BYTES = 4 * 2 ** 30;
const HASH_SEED = 20_260_101;

/** Partitions are computed beforehand: a storage node gets them with the operation. */
export class EngineSubject implements Subject {
  private readonly engine = new StoreEngine({
    partitionCount: PARTITIONS,
    hashSeed: HASH_SEED,
    limitBytes: LIMIT_BYTES,
  });
  private readonly partitions: Uint16Array;
  private readonly view = new EntryView();
  private readonly writer = new ByteWriter();

  constructor(keys: Buffer, count: number) {
    const shift = partitionShift(PARTITIONS);
    this.partitions = Uint16Array.from(
      { length: count },
      (_, i) => slotOfKey(keys, i * KEY_BYTES, KEY_BYTES) >>> shift,
    );
  }

  set(index: number, keys: Buffer, keyOffset: number, value: Buffer): boolean {
    const { writer } = this;
    writer.length = 0;
    const length = encodeEntryBody(writer, 0, VALUE_TYPE.STRING, 0, keys, keyOffset, KEY_BYTES, value, 0, VALUE_BYTES);
    return this.engine.applySet(this.partitions[index], index & 0xffff, writer.buffer, 0, length);
  }

  get(index: number, keys: Buffer, keyOffset: number): number {
    const ref = this.engine.find(this.partitions[index], 0, keys, keyOffset, KEY_BYTES);
    if (ref === ABSENT) return -1;
    this.engine.read(ref, this.view);
    return this.view.buffer[this.view.valueOffset];
  }

  ownBytes(): { readonly usedBytes: number; readonly reservedBytes: number } {
    const { usedBytes, segmentBytes } = this.engine.stats();
    return { usedBytes, reservedBytes: segmentBytes };
  }
}

/** A Map needs the key as a string, and a copy of the value, since a socket's buffer is reused. */
export class MapSubject implements Subject {
  private readonly entries = new Map<string, Buffer>();

  set(_index: number, keys: Buffer, keyOffset: number, value: Buffer): boolean {
    this.entries.set(keys.toString('latin1', keyOffset, keyOffset + KEY_BYTES), Buffer.from(value));
    return true;
  }

  get(_index: number, keys: Buffer, keyOffset: number): number {
    return this.entries.get(keys.toString('latin1', keyOffset, keyOffset + KEY_BYTES))?.[0] ?? -1;
  }

  ownBytes(): Record<string, never> {
    return {};
  }
}
