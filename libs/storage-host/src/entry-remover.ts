import type { RemovalCause } from '#libs/commands';
import { EntryView, type EntryRef } from '#libs/engine';
import type { EventBatch } from '#libs/events';
import type { StorageStatistics } from './statistics.js';
import type { StoreShards } from './store-shards.js';
import type { EvictionCause } from './store-statistics.js';

/** Takes entries away: decide, record the event, apply, count. Whatever the reason, an entry goes this way. */
export class EntryRemover {
  private readonly entry = new EntryView();

  constructor(
    private readonly batch: EventBatch,
    private readonly statistics: StorageStatistics,
  ) {}

  /** The key may lie in the entry itself: the event copies it before the entry goes. */
  remove(
    store: StoreShards,
    partition: number,
    ref: EntryRef,
    cause: RemovalCause,
    database: number,
    key: Uint8Array,
    keyOffset: number,
    keyLength: number,
  ): void {
    const sequence = store.nextSequence(partition);
    this.batch.entryRemoved(store.definition.id, partition, sequence, cause, database, key, keyOffset, keyLength);
    store.entries.remove(partition, ref, database, key, keyOffset, keyLength);
    if (cause === 'deleted') store.statistics.deletes++;
    else if (cause === 'expired') this.countExpired(store);
  }

  /** Removes an entry whose time is over; active expiry has found it. */
  expire(store: StoreShards, partition: number, ref: EntryRef): void {
    this.removeOwn(store, partition, ref, 'expired');
  }

  evict(store: StoreShards, partition: number, ref: EntryRef, cause: EvictionCause): void {
    this.removeOwn(store, partition, ref, 'evicted');
    store.statistics.evicted[cause]++;
    this.statistics.evicted++;
  }

  private removeOwn(store: StoreShards, partition: number, ref: EntryRef, cause: RemovalCause): void {
    store.engine.read(ref, this.entry);
    const { database, buffer, keyOffset, keyLength } = this.entry;
    this.remove(store, partition, ref, cause, database, buffer, keyOffset, keyLength);
  }

  private countExpired(store: StoreShards): void {
    store.statistics.expired++;
    this.statistics.expired++;
  }
}
