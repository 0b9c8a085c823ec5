/** What is compared: the engine, and the plainest thing that does the same in JavaScript. */
import { ABSENT, encodeEntryBody, EntryView, PrefetchBatch, StoreEngine, VALUE_TYPE } from '#libs/engine';
import { ByteWriter } from '#libs/kernel';
import { KEY_BYTES, type KeyStream, PARTITIONS, VALUE_BYTES } from './workload.js';

export interface Subject {
  /** Stores `value` under the key of a request; false where there is no room. */
  set(stream: KeyStream, request: number, value: Buffer): boolean;
  /** The first byte of the value, or -1 without an entry. */
  get(stream: KeyStream, request: number): number;
  /** Hears which requests come next. */
  announce(stream: KeyStream, from: number, to: number): void;
  /** What the subject knows of its own memory, in bytes; empty where it knows nothing. */
  ownBytes(): { readonly usedBytes?: number; readonly reservedBytes?: number };
}

const LIMIT_BYTES = 4 * 2 ** 30;
const HASH_SEED = 20_260_101;

export class EngineSubject implements Subject {
  private readonly engine = new StoreEngine({
    partitionCount: PARTITIONS,
    hashSeed: HASH_SEED,
    limitBytes: LIMIT_BYTES,
  });
  private readonly view = new EntryView();
  private readonly writer = new ByteWriter();
  private readonly batch = new PrefetchBatch();

  set({ keys, partitions }: KeyStream, request: number, value: Buffer): boolean {
    const { writer } = this;
    const at = request * KEY_BYTES;
    writer.length = 0;
    const length = encodeEntryBody(writer, 0, VALUE_TYPE.STRING, 0, keys, at, KEY_BYTES, value, 0, VALUE_BYTES);
    return this.engine.applySet(partitions[request], request & 0xffff, writer.buffer, 0, length);
  }

  get({ keys, partitions }: KeyStream, request: number): number {
    const ref = this.engine.find(partitions[request], 0, keys, request * KEY_BYTES, KEY_BYTES);
    if (ref === ABSENT) return -1;
    this.engine.read(ref, this.view);
    return this.view.buffer[this.view.valueOffset];
  }

  announce({ keys, partitions }: KeyStream, from: number, to: number): void {
    const { batch } = this;
    batch.clear();
    for (let request = from; request < to; request++) {
      batch.add(partitions[request], 0, request * KEY_BYTES, KEY_BYTES);
    }
    this.engine.prefetch(batch, keys);
  }

  ownBytes(): { readonly usedBytes: number; readonly reservedBytes: number } {
    const { usedBytes, segmentBytes } = this.engine.stats();
    return { usedBytes, reservedBytes: segmentBytes };
  }
}

/** A Map needs the key as a string, and a copy of the value, since a socket's buffer is reused. */
export class MapSubject implements Subject {
  private readonly entries = new Map<string, Buffer>();

  set({ keys }: KeyStream, request: number, value: Buffer): boolean {
    const at = request * KEY_BYTES;
    this.entries.set(keys.toString('latin1', at, at + KEY_BYTES), Buffer.from(value));
    return true;
  }

  get({ keys }: KeyStream, request: number): number {
    const at = request * KEY_BYTES;
    return this.entries.get(keys.toString('latin1', at, at + KEY_BYTES))?.[0] ?? -1;
  }

  /** A Map cannot make use of it. */
  announce(): void {
    return;
  }

  ownBytes(): Record<string, never> {
    return {};
  }
}
