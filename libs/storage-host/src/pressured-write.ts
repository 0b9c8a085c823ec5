import { EVENT_KINDS, type EventBatch } from '#libs/events';
import { ByteWriter } from '#libs/kernel';
import type { NodeMemory, Room } from './node-memory.js';
import type { StoreShards } from './store-shards.js';

/** How often room is made for one write, each time for so much more: pages and index have a grain of their own. */
const MAX_ROUNDS = 4;
const GRAIN_BYTES = 16 * 1024;
/** A longer body's copy is not kept for the next time. */
const KEPT_BYTES = 1024 * 1024;

/**
 * Writes an entry into a store that is nearly full: evicts first what the write needs, then records and applies it. The
 * evictions' events go before the entry's own, so the body, which lies in the batch, is set aside meanwhile.
 */
export class PressuredWrite {
  private body = new ByteWriter();

  constructor(
    private readonly batch: EventBatch,
    private readonly memory: NodeMemory,
  ) {}

  /** `made`: the entry is stored. Else nothing of it is, and no event says so. */
  set(
    store: StoreShards,
    partition: number,
    body: Uint8Array,
    bodyOffset: number,
    bodyLength: number,
    nowMs: number,
  ): Room {
    this.body.reset();
    this.body.bytes(body, bodyOffset, bodyLength);
    const outcome = this.makeRoomAndApply(store, bodyLength, nowMs, () => this.apply(store, partition, nowMs));
    if (bodyLength > KEPT_BYTES) this.body = new ByteWriter();
    return outcome;
  }

  /** Makes room for `bytes` until `apply` succeeds, a bounded number of times. */
  makeRoomAndApply(store: StoreShards, bytes: number, nowMs: number, apply: () => boolean): Room {
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const room = this.memory.makeRoom(store, bytes + round * GRAIN_BYTES, nowMs);
      if (room === 'too large') return round === 0 ? room : 'none';
      if (apply()) return 'made';
      if (room === 'none') break;
    }
    return 'none';
  }

  /** Makes room for `bytes` where there is too little; false where there can be none. */
  makeRoom(store: StoreShards, bytes: number, nowMs: number): boolean {
    const { engine, marks } = store;
    if (engine.usedBytes + bytes < Math.min(marks.backPressureBytes, engine.limitBytes)) return true;
    for (let round = 0; round < MAX_ROUNDS; round++) {
      if (this.memory.makeRoom(store, bytes, nowMs) !== 'made') return false;
      if (engine.usedBytes + bytes <= engine.limitBytes) return true;
    }
    return false;
  }

  /** What the store could have if it were alone on the node, in bytes. */
  mostOf(store: StoreShards): number {
    return this.memory.budget.mostOf(store.share);
  }

  private apply(store: StoreShards, partition: number, nowMs: number): boolean {
    const { batch, body } = this;
    const sequence = store.nextSequence(partition);
    const at = batch.begin(EVENT_KINDS.entrySet, 0, store.definition.id, partition, sequence);
    batch.writer.bytes(body.buffer, 0, body.length);
    if (store.entries.set(partition, sequence & 0xffff, batch.writer.buffer, at, body.length, nowMs)) {
      batch.end();
      return true;
    }
    batch.cancel();
    store.returnSequence(partition);
    return false;
  }
}
