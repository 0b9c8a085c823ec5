/** Where a filter takes the keys of a shard from when it builds a table for it. */

/** The two lanes of a key's hash, 32 bits each. */
export type KeyVisitor = (hash: number, low: number) => void;

export interface ShardKeys {
  /** Entries of a shard, expired ones included. */
  count(partition: number): number;

  /**
   * Visits the hashes of all entries whose hash prefix (`prefixOf` of the engine) is not below `fromPrefix`, in ascending
   * order: at least `maxKeys` unless the shard ends, and always all that share a prefix. Answers the prefix where to go
   * on, or -1 at the end. The visitor does not change the shard.
   */
  scan(partition: number, fromPrefix: number, maxKeys: number, visit: KeyVisitor): number;
}
