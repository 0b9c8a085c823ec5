/** The keys of operations that come next, for StoreEngine.prefetch: a struct of arrays that is filled anew each time. */

/**
 * Keys of one batch. A core follows some twenty cache misses at a time, so that more gain nothing, and what a batch loads
 * (three or four lines of 64 bytes per key) stays within the first cache until it is used.
 */
export const PREFETCH_KEYS = 64;

export class PrefetchBatch {
  count = 0;
  readonly partitions = new Uint16Array(PREFETCH_KEYS);
  readonly databases = new Uint8Array(PREFETCH_KEYS);
  /** Where the keys lie in the one buffer that all are in. */
  readonly keyOffsets = new Uint32Array(PREFETCH_KEYS);
  readonly keyLengths = new Uint32Array(PREFETCH_KEYS);

  clear(): void {
    this.count = 0;
  }

  get isFull(): boolean {
    return this.count === PREFETCH_KEYS;
  }

  /** Adds a key to a batch that is not full. */
  add(partition: number, database: number, keyOffset: number, keyLength: number): void {
    const { count } = this;
    this.partitions[count] = partition;
    this.databases[count] = database;
    this.keyOffsets[count] = keyOffset;
    this.keyLengths[count] = keyLength;
    this.count = count + 1;
  }
}
