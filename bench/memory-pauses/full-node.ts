/**
 * A store that is full, kept so as a storage node does it: a set evicts what it needs at the highest level of pressure, and
 * after each frame the background takes what is above the level at which evicting begins. Every frame holds one set, so
 * that its share of the evictions is what it waits for.
 */
import { storeFromPreset } from '#libs/cluster';
import { encodeEntryBody, VALUE_TYPE } from '#libs/engine';
import { EVENT_KINDS, EventBatch } from '#libs/events';
import { partitionShift, slotOfKey } from '#libs/kernel';
import { NodeStores, STORAGE_DEFAULTS, StorageStatistics, StoreShards } from '#libs/storage-host';
import { Xorshift } from '../lib/xorshift.js';
import { DIGITS_AT, KEY_BYTES, keyOf, writeDigits } from '../memory/load-template.js';
import { LARGEST_VALUE_BYTES, MEAN_VALUE_BYTES, PARTITIONS, randomValueBytes } from '../memory/mixed-store.js';

const HASH_SEED = 20_260_101;
const RANDOM_SEED = 20_260_103;
/** Keys that are drawn, per key that has room. */
const KEYS_PER_ROOM = 4;

/** What a node's memory does not ask for. */
const NO_CLUSTER = {
  cluster: 'none',
  nodeId: 'none',
  softwareVersion: '',
  advertise: { host: '', adminPort: 0 },
  zone: '',
  weight: 1,
};

export class FullNode {
  private readonly events = new EventBatch();
  private readonly stores: NodeStores;
  private readonly store: StoreShards;
  private readonly rng = new Xorshift(RANDOM_SEED);
  private readonly keys: number;
  private readonly key = Buffer.from(keyOf(0), 'latin1');
  private readonly value = Buffer.alloc(LARGEST_VALUE_BYTES, 'v');
  private partition = 0;
  private bodyAt = 0;
  private bodyLength = 0;

  /** The first set still has to fill the store: see {@link fill}. */
  constructor(
    private readonly limitBytes: number,
    private readonly nowMs: number,
  ) {
    const options = { ...STORAGE_DEFAULTS, ...NO_CLUSTER, nodeMemoryBytes: limitBytes };
    this.stores = new NodeStores(this.events, new StorageStatistics(0), options, {
      isEnabled: () => false,
      log: () => undefined,
    });
    this.store = new StoreShards(
      { id: 0, ...storeFromPreset('general', { name: 'full' }) },
      PARTITIONS,
      HASH_SEED,
      limitBytes,
    );
    this.keys = Math.ceil((KEYS_PER_ROOM * limitBytes) / (MEAN_VALUE_BYTES + KEY_BYTES));
    this.stores.memory.add(this.store);
    this.stores.memory.balance();
  }

  /** Sets until twice the limit has been written. */
  fill(): void {
    for (let written = 0; written < 2 * this.limitBytes; written += this.bodyLength) {
      this.draw();
      this.set();
    }
  }

  /** Encodes the event of a random entry, as a storage node does before the entry is stored. */
  draw(): void {
    const { events, key, value, rng } = this;
    const number = rng.below(this.keys);
    writeDigits(key, DIGITS_AT, number);
    this.partition = slotOfKey(key, 0, KEY_BYTES) >>> partitionShift(PARTITIONS);
    const sequence = this.store.nextSequence(this.partition);
    const valueBytes = randomValueBytes(rng);
    this.bodyAt = events.begin(EVENT_KINDS.entrySet, 0, 0, this.partition, sequence);
    this.bodyLength = encodeEntryBody(events.writer, 0, VALUE_TYPE.STRING, 0, key, 0, KEY_BYTES, value, 0, valueBytes);
  }

  /** Stores what was drawn, and does what follows a frame. */
  set(): void {
    const { events, store, stores, partition, bodyAt, bodyLength, nowMs } = this;
    const { buffer } = events.writer;
    const isTight = store.engine.usedBytes >= store.marks.backPressureBytes;
    if (!isTight && store.entries.set(partition, 0, buffer, bodyAt, bodyLength, nowMs)) {
      events.end();
    } else {
      events.cancel();
      if (stores.pressured.set(store, partition, buffer, bodyAt, bodyLength, nowMs) !== 'made') {
        throw new Error('nothing may be evicted');
      }
    }
    stores.memory.relieve(store, nowMs);
    events.reset();
  }
}
