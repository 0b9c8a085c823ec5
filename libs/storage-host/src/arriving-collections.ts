import { ABSENT, type CollectionEntry, EntryHeader, parseEntryBody, type ValueType } from '#libs/engine';
import { type EventReader, FIRST_UNIT } from '#libs/events';
import { DecodeError, equalBytes } from '#libs/kernel';
import type { PressuredWrite } from './pressured-write.js';
import type { StoreShards } from './store-shards.js';

/** Room that is made for a unit: it is written once, and the trees around it grow. */
const ROOM_PER_BYTE = 2;
const GRAIN_BYTES = 16 * 1024;

/**
 * Builds the large collections of a partition that arrives, unit by unit. The units of one element, where it takes
 * several, follow one another in one frame: so a frame begins and ends between elements.
 */
export class ArrivingCollections {
  private readonly header = new EntryHeader();
  private readonly entries = new WeakMap<StoreShards, CollectionEntry>();
  /** Whose element has not come as a whole yet, and what came of it. */
  private open: { readonly store: StoreShards; readonly key: Uint8Array; bytes: number } | undefined;

  constructor(private readonly pressured: PressuredWrite) {}

  /** To be called before the records of a frame. */
  beginFrame(): void {
    this.open = undefined;
  }

  /** To be called before any other record, and after the last. Throws DecodeError within an element. */
  expectWhole(): void {
    if (this.open !== undefined) throw new DecodeError('collection ends within an element');
  }

  /** Adds the unit of the reader's record; false where memory does not allow it. */
  apply(
    store: StoreShards,
    { partition, sequence, detail, buffer, bodyOffset, bodyLength }: EventReader,
    nowMs: number,
  ): boolean {
    const { header } = this;
    parseEntryBody(buffer, bodyOffset, bodyLength, header);
    if (header.bodyLength !== bodyLength) throw new DecodeError('bytes behind the unit');
    const { database, type, expiresAtMs, keyOffset, keyLength, valueOffset, valueLength } = header;
    const { engine } = store;
    const { collections } = engine;
    if (!this.continues(store, buffer, keyOffset, keyLength)) {
      this.expectWhole();
      collections.beginRebuild();
      if (detail === FIRST_UNIT) this.remove(store, partition, buffer);
    }
    const openBytes = this.open?.bytes ?? 0;
    const isRoomy = this.pressured.makeRoom(store, ROOM_PER_BYTE * (openBytes + bodyLength) + GRAIN_BYTES, nowMs);
    if (!isRoomy) return false;
    const entry = this.entryOf(store);
    entry.aim(partition, database, buffer, keyOffset, keyLength);
    if (entry.isPresent && entry.type !== type) throw new DecodeError('unit of another type than its collection');
    entry.prepare(sequence & 0xffff, nowMs, expiresAtMs);
    if (!collections.rebuild(entry, type as ValueType, buffer, valueOffset, valueLength)) return false;
    if (collections.isRebuilt) this.open = undefined;
    else this.open = { store, key: buffer.slice(keyOffset, keyOffset + keyLength), bytes: openBytes + bodyLength };
    return true;
  }

  /** What the key of the header had; the unit's collection is another one. */
  private remove({ entries, engine }: StoreShards, partition: number, buffer: Uint8Array): void {
    const { database, keyOffset, keyLength } = this.header;
    const ref = engine.find(partition, database, buffer, keyOffset, keyLength);
    if (ref !== ABSENT) entries.remove(partition, ref, database, buffer, keyOffset, keyLength);
  }

  /** Whether the record goes on with the element that is open. */
  private continues(store: StoreShards, buffer: Uint8Array, keyOffset: number, keyLength: number): boolean {
    const { open } = this;
    if (open === undefined || open.store !== store || open.key.length !== keyLength) return false;
    return equalBytes(open.key, 0, buffer, keyOffset, keyLength);
  }

  private entryOf(store: StoreShards): CollectionEntry {
    const known = this.entries.get(store);
    if (known !== undefined) return known;
    const entry = store.entries.collectionEntry();
    this.entries.set(store, entry);
    return entry;
  }
}
