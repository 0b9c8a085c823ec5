/**
 * The trees of a store's large collections, which go with the entries that hold their roots: whatever removes such an
 * entry, or writes over it, gives them up here. A store without collections has only this.
 */
import type { Arena } from '../arena.js';
import type { EntryLocator } from '../entry-locator.js';
import { type EntryHeader, TYPE_BITS, VALUE_TYPE } from '../record.js';
import { isLargeHead, ROOT_BYTES } from './collection-value.js';
import { Collections } from './collections.js';

export class OwnedTrees {
  /** Made when they are first asked for; before that no entry has a root. */
  private made: Collections | undefined;
  private readonly noted = new Uint8Array(ROOT_BYTES);

  constructor(
    private readonly arena: Arena,
    private readonly locator: EntryLocator,
    private readonly hashSeed: number,
  ) {}

  get collections(): Collections {
    return (this.made ??= new Collections(this.arena, this.hashSeed));
  }

  get usedBytes(): number {
    return this.made === undefined ? 0 : this.made.usedBytes;
  }

  get hasReleased(): boolean {
    return this.made !== undefined && this.made.hasReleased;
  }

  /** Frees up to `maxNodes` nodes of trees that were given up, and answers how many. */
  reclaim(maxNodes: number): number {
    return this.made === undefined ? 0 : this.made.reclaim(maxNodes);
  }

  /** Gives up the trees of an entry that goes; nothing where it has none. */
  release(buffer: Uint8Array, header: EntryHeader): void {
    if (this.made !== undefined && isRoot(buffer, header)) this.made.release(buffer, header.valueOffset);
  }

  /** Notes the trees of the record or stub at `at`, which may be written over; false where it has none. */
  note(bytes: Uint8Array, at: number): boolean {
    if (this.made === undefined || (bytes[at] & TYPE_BITS) === 0) return false;
    const { locator, noted } = this;
    const header = locator.parse(bytes, at);
    const { buffer } = locator;
    if (!isRoot(buffer, header)) return false;
    for (let i = 0; i < ROOT_BYTES; i++) noted[i] = buffer[header.valueOffset + i];
    return true;
  }

  /** Gives up what was noted last: its entry has been written over. */
  releaseNoted(): void {
    this.collections.release(this.noted, 0);
  }
}

/** Whether an entry's value is the root of trees, which means something in one process and one store alone. */
export function isRoot(buffer: Uint8Array, { type, valueOffset, valueLength }: EntryHeader): boolean {
  if (type < VALUE_TYPE.HASH || type > VALUE_TYPE.ZSET || valueLength === 0) return false;
  return isLargeHead(buffer[valueOffset]);
}
