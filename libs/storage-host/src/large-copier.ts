import type { Request } from '#libs/commands';
import { CollectionDraft, type CollectionEntry, encodeEntryBody, type ValueType } from '#libs/engine';
import { EVENT_KINDS, type EventBatch, FIRST_UNIT } from '#libs/events';
import { ByteWriter } from '#libs/kernel';
import type { Room } from './node-memory.js';
import type { PressuredWrite } from './pressured-write.js';
import type { StoreShards } from './store-shards.js';

/** Room that is made for the bytes of the units: trees take a little more than what they hold. */
const ROOM_PER_BYTE = 1.5;
const GRAIN_BYTES = 16 * 1024;

/** A key of a database, as a range of bytes outside the store. */
export interface KeyPlace {
  readonly database: number;
  readonly buffer: Uint8Array;
  readonly offset: number;
  readonly length: number;
}

/** Where an argument's key lies. */
export function placeOf({ buffer, offsets, lengths }: Request, keyIndex: number, database: number): KeyPlace {
  return { database, buffer, offset: offsets[keyIndex], length: lengths[keyIndex] };
}

/**
 * Copies a large collection to another key of its partition. Its value is the root of trees, so these are built anew from
 * their units, outside any entry first: where memory does not suffice nothing has changed. The events say what
 * replicas must do: remove what is there, and add the units.
 */
export class LargeCopier {
  private readonly body = new ByteWriter();

  constructor(
    private readonly batch: EventBatch,
    private readonly pressured: PressuredWrite,
  ) {}

  /** What came of it, and the bytes that it needs. The source must be there, large, and another key than the target. */
  copy(store: StoreShards, partition: number, source: KeyPlace, target: KeyPlace, nowMs: number): [Room, number] {
    const entry = store.engine.collectionEntry();
    aim(entry, partition, source);
    const type = entry.type as ValueType;
    const { expiresAtMs } = entry;
    const { count, bytes } = this.measure(store, entry);
    const neededBytes = Math.ceil(bytes * ROOM_PER_BYTE) + GRAIN_BYTES;
    if (!this.pressured.makeRoom(store, neededBytes, nowMs)) return ['none', neededBytes];
    aim(entry, partition, source);
    // What makes room may evict the collection itself.
    if (!entry.isPresent) return ['none', neededBytes];
    const draft = this.build(store, entry, type);
    if (draft === undefined) return ['none', neededBytes];
    const ref = store.engine.find(partition, target.database, target.buffer, target.offset, target.length);
    const replaces = ref !== 0;
    const version = (store.sequences[partition] + count + (replaces ? 1 : 0)) & 0xffff;
    if (!this.store(store, partition, version, type, expiresAtMs, target, draft, nowMs)) {
      store.engine.collections.release(draft.buffer, 0);
      return ['none', neededBytes];
    }
    this.record(store, partition, target, replaces);
    return ['made', neededBytes];
  }

  /** Units of a collection, and their bytes. */
  private measure({ engine }: StoreShards, entry: CollectionEntry): { count: number; bytes: number } {
    const position = { index: 0, offset: 0 };
    let count = 0;
    let bytes = 0;
    for (;;) {
      const unit = engine.collections.nextUnit(entry, entry.type, position);
      if (unit === undefined) return { count, bytes };
      count++;
      bytes += unit.length;
    }
  }

  /** The collection once more, without an entry; undefined, with nothing left behind, where memory does not allow it. */
  private build({ engine }: StoreShards, entry: CollectionEntry, type: ValueType): CollectionDraft | undefined {
    const { collections } = engine;
    const draft = new CollectionDraft();
    const position = { index: 0, offset: 0 };
    collections.beginRebuild();
    for (;;) {
      const unit = collections.nextUnit(entry, type, position);
      if (unit === undefined) return draft;
      if (collections.rebuild(draft, type, unit)) continue;
      if (draft.valueLength > 0) collections.release(draft.buffer, 0);
      return undefined;
    }
  }

  private store(
    store: StoreShards,
    partition: number,
    version: number,
    type: ValueType,
    expiresAtMs: number,
    { database, buffer, offset, length }: KeyPlace,
    draft: CollectionDraft,
    nowMs: number,
  ): boolean {
    const { body } = this;
    body.reset();
    const { buffer: value, valueLength } = draft;
    encodeEntryBody(body, database, type, expiresAtMs, buffer, offset, length, value, 0, valueLength);
    return store.entries.setBuilt(partition, version, body.buffer, body.length, nowMs);
  }

  private record(store: StoreShards, partition: number, target: KeyPlace, replaces: boolean): void {
    const { batch } = this;
    const { id } = store.definition;
    const { database, buffer, offset, length } = target;
    if (replaces) {
      batch.entryRemoved(id, partition, store.nextSequence(partition), 'deleted', database, buffer, offset, length);
    }
    const entry = store.engine.collectionEntry();
    aim(entry, partition, target);
    const position = { index: 0, offset: 0 };
    for (let detail: number = FIRST_UNIT; ; detail = 0) {
      const unit = store.engine.collections.nextUnit(entry, entry.type, position);
      if (unit === undefined) return;
      batch.begin(EVENT_KINDS.collectionUnit, detail, id, partition, store.nextSequence(partition));
      entry.encodeWith(batch.writer, unit);
      batch.end();
    }
  }
}

function aim(entry: CollectionEntry, partition: number, { database, buffer, offset, length }: KeyPlace): void {
  entry.aim(partition, database, buffer, offset, length);
}
