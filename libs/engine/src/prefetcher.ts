/**
 * Loads what the look-ups of a batch of keys will read, so that they then find it in the cache. A look-up is a chain of
 * reads that depend on one another (index page, record), each of which may miss cache and TLB: some 200 ns each. The
 * chains of different keys are independent, and a core that executes out of order follows many misses at once, if they
 * stand close together among the instructions. So each link of the chain is a small loop of its own over all keys, and
 * computing the places is parted from loading them: "group prefetching" (Chen, Ailamaki, Gibbons, Mowry: "Improving hash
 * join performance through prefetching", ICDE 2004), with plain loads, since JavaScript has no prefetch instruction.
 *
 * Nothing changes and nothing is remembered: a look-up afterwards does all of its own work.
 */
import type { Arena } from './arena.js';
import type { KeyHasher } from './key-hash.js';
import { PREFETCH_KEYS, type PrefetchBatch } from './prefetch-batch.js';
import { PrefetchPlaces } from './prefetch-places.js';
import type { RecordLog } from './record-log.js';
import { SHARD_WORDS } from './shard-state.js';
import type { SlotIndex } from './slot-index.js';

/** Most short records lie within two cache lines; so far behind a record's first byte the second one is loaded. */
const SECOND_LINE_BYTES = 63;

export class Prefetcher {
  /** A mixture of what was loaded: since somebody might read it, no compiler leaves the loads out. */
  trace = 0;

  private readonly hashes = new Int32Array(PREFETCH_KEYS);
  private readonly places = new PrefetchPlaces();

  constructor(
    private readonly arena: Arena,
    private readonly hasher: KeyHasher,
    private readonly index: SlotIndex,
    private readonly log: RecordLog,
  ) {}

  prefetch(batch: PrefetchBatch, keyBuffer: Uint8Array): void {
    const { hasher, hashes } = this;
    const { count, databases, keyOffsets, keyLengths } = batch;
    for (let i = 0; i < count; i++) hashes[i] = hasher.hash(databases[i], keyBuffer, keyOffsets[i], keyLengths[i]);
    this.loadSlots(batch);
    this.loadRecords(batch);
  }

  private loadSlots({ count, partitions }: PrefetchBatch): void {
    const { index, hashes, places } = this;
    const { words } = this.arena;
    places.clear();
    for (let i = 0; i < count; i++) index.placeOf(partitions[i] * SHARD_WORDS, hashes[i], places);
    const { segments, positions } = places;
    let trace = 0;
    for (let i = 0; i < places.count; i++) trace ^= words[segments[i]][positions[i]];
    this.trace = trace;
  }

  private loadRecords({ count, partitions }: PrefetchBatch): void {
    const { index, log, hashes, places } = this;
    const { bytes } = this.arena;
    places.clear();
    for (let i = 0; i < count; i++) {
      const shard = partitions[i] * SHARD_WORDS;
      if (!index.seek(shard, hashes[i])) continue;
      const word = index.words[index.base + index.slot];
      if (index.slot < index.count && (word & index.tagMask) === index.target) {
        log.placeOf(shard, word & ~index.tagMask, places);
      }
    }
    const { segments, positions } = places;
    let trace = 0;
    for (let i = 0; i < places.count; i++) {
      const segment = bytes[segments[i]];
      const at = positions[i];
      trace ^= segment[at] ^ segment[Math.min(at + SECOND_LINE_BYTES, segment.length - 1)];
    }
    this.trace ^= trace;
  }
}
