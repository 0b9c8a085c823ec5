import { ABSENT, checkEntryValue } from '#libs/engine';
import { ALL_DATABASES, EVENT_KINDS, type EventReader, type KeyedBody, readKeyedBody } from '#libs/events';
import { DecodeError } from '#libs/kernel';
import { ArrivingCollections } from './arriving-collections.js';
import type { PressuredWrite } from './pressured-write.js';
import type { StoreShards } from './store-shards.js';

/**
 * Applies what another has decided, or this node before it ended: records of a copy, of a log. It decides nothing, and what
 * has been applied already may be applied again where all that came after it follows: the end is the same.
 */
export class EventApplier {
  private readonly body: KeyedBody = { database: 0, timeMs: 0, keyOffset: 0, keyLength: 0 };
  private readonly collections: ArrivingCollections;

  constructor(private readonly pressured: PressuredWrite) {
    this.collections = new ArrivingCollections(pressured);
  }

  /** To be called before the records of a frame or chunk: a large collection's element lies in one as a whole. */
  begin(): void {
    this.collections.beginFrame();
  }

  /** To be called after them. Throws DecodeError within an element. */
  end(): void {
    this.collections.expectWhole();
  }

  /**
   * Applies the reader's record, which happened at `timeMs`; false where memory does not allow it, whatever is evicted.
   * Throws DecodeError for a record that nobody could have written.
   */
  apply(store: StoreShards, reader: EventReader, timeMs: number): boolean {
    const { collections } = this;
    if (reader.kind === EVENT_KINDS.collectionUnit) return collections.apply(store, reader, timeMs);
    collections.expectWhole();
    switch (reader.kind) {
      case EVENT_KINDS.entrySet:
        return this.set(store, reader, timeMs);
      case EVENT_KINDS.entryRemoved:
        return this.remove(store, reader);
      case EVENT_KINDS.entryExpirySet:
        return this.setExpiry(store, reader, timeMs);
      case EVENT_KINDS.shardCleared:
        return clear(store, reader);
      case EVENT_KINDS.entryCreated:
      case EVENT_KINDS.entryModified:
        return this.setTime(store, reader, timeMs);
      default:
        throw new DecodeError(`event of unknown kind ${reader.kind}`);
    }
  }

  private set(store: StoreShards, reader: EventReader, timeMs: number): boolean {
    const { partition, sequence, buffer, bodyOffset, bodyLength } = reader;
    checkEntryValue(buffer, bodyOffset, bodyLength);
    const isTight = store.engine.usedBytes >= store.marks.backPressureBytes;
    if (!isTight && store.entries.set(partition, sequence & 0xffff, buffer, bodyOffset, bodyLength, timeMs))
      return true;
    return this.setTight(store, reader, timeMs);
  }

  /** A full node makes room for what it takes over by evicting of what it has. */
  private setTight(store: StoreShards, reader: EventReader, timeMs: number): boolean {
    const { partition, sequence, buffer, bodyOffset, bodyLength } = reader;
    const apply = (): boolean =>
      store.entries.set(partition, sequence & 0xffff, buffer, bodyOffset, bodyLength, timeMs);
    return this.pressured.makeRoomAndApply(store, bodyLength, timeMs, apply) === 'made';
  }

  private remove(store: StoreShards, reader: EventReader): boolean {
    const { body } = this;
    const ref = this.find(store, reader);
    const { database, keyOffset, keyLength } = body;
    if (ref !== ABSENT) store.entries.remove(reader.partition, ref, database, reader.buffer, keyOffset, keyLength);
    return true;
  }

  private setExpiry(store: StoreShards, reader: EventReader, timeMs: number): boolean {
    const { partition, sequence, bodyLength } = reader;
    const apply = (): boolean => {
      const ref = this.find(store, reader);
      return ref === ABSENT || store.engine.applyExpiry(partition, ref, sequence & 0xffff, this.body.timeMs);
    };
    return apply() || this.pressured.makeRoomAndApply(store, bodyLength, timeMs, apply) === 'made';
  }

  /** An entry has not become younger by its move: its absolute lifetime goes on from where it was. */
  private setTime(store: StoreShards, reader: EventReader, nowMs: number): boolean {
    const ref = this.find(store, reader);
    if (ref === ABSENT) return true;
    const { times } = store.engine;
    // The other node's clock may be ahead of this one's.
    const timeMs = Math.min(this.body.timeMs, nowMs);
    if (reader.kind === EVENT_KINDS.entryCreated) times.setCreated(reader.partition, ref, timeMs);
    else times.setModified(reader.partition, ref, timeMs);
    return true;
  }

  private find(store: StoreShards, reader: EventReader): number {
    const { body } = this;
    readKeyedBody(reader, body);
    return store.engine.find(reader.partition, body.database, reader.buffer, body.keyOffset, body.keyLength);
  }
}

function clear(store: StoreShards, { partition, detail }: EventReader): boolean {
  store.entries.clear(partition, detail === ALL_DATABASES ? undefined : detail);
  return true;
}
