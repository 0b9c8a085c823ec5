/**
 * A shard's next table while it is being filled, in the order of hash prefixes. What lies below the cursor has been
 * visited, so changes there must reach the new table; what lies above will be visited yet, as it then is. So each
 * entry gets in exactly once, and a removal never takes an equal fingerprint of another entry.
 */
import { prefixOf } from '#libs/engine';
import type { CuckooTable } from './cuckoo-table.js';
import type { ShardKeys } from './shard-keys.js';

/** Above every cursor; prefixes have 39 bits. */
const PREFIXES = 2 ** 39;

export class ShardBuild {
  /** The table had no room: it is lost, and a larger one is needed. */
  isFailed = false;
  /** Keys visited by the last {@link advance}. */
  visited = 0;
  private cursor = 0;
  private readonly visit = (hash: number, low: number): void => {
    this.visited++;
    this.add(hash, low);
  };

  constructor(
    readonly partition: number,
    readonly level: number,
    readonly table: CuckooTable,
  ) {}

  /** Share of the shard that has been visited. */
  get progress(): number {
    return this.cursor / PREFIXES;
  }

  /** Visits about `maxKeys` keys more; whether that was the end. */
  advance(keys: ShardKeys, maxKeys: number): boolean {
    this.visited = 0;
    if (this.isFailed) return false;
    const next = keys.scan(this.partition, this.cursor, maxKeys, this.visit);
    this.cursor = next < 0 ? PREFIXES : next;
    return next < 0;
  }

  onInserted(hash: number, low: number): void {
    if (prefixOf(hash, low) < this.cursor) this.add(hash, low);
  }

  onRemoved(hash: number, low: number): void {
    if (!this.isFailed && prefixOf(hash, low) < this.cursor) this.table.remove(hash, low);
  }

  private add(hash: number, low: number): void {
    if (!this.isFailed) this.isFailed = !this.table.insert(hash, low);
  }
}
