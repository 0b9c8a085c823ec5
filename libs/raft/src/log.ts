/**
 * A node's log: what its storage has, followed by what is not durable yet. Raft decides by the whole of it; only what a
 * leader counts for itself, and what a Ready hands to the disk, looks at where the durable part ends.
 */
import { assert } from '#libs/kernel';
import { entryBytes, prefixWithin, totalEntryBytes, type Entry } from './entry.js';
import type { LogStorage, Snapshot } from './log-storage.js';

export class RaftLog {
  /** Entries from `offset` on, which the storage does not have, or has others of. */
  private unstable: Entry[] = [];
  private offset: number;
  private bytes = 0;
  /** A leader's snapshot that is not durable yet; the log then begins behind it. */
  private pending: Snapshot | undefined;
  private commitIndex: number;
  private appliedIndex: number;

  constructor(private readonly storage: LogStorage) {
    this.offset = storage.lastIndex + 1;
    this.commitIndex = storage.snapshot.index;
    this.appliedIndex = storage.snapshot.index;
  }

  get commit(): number {
    return this.commitIndex;
  }

  get applied(): number {
    return this.appliedIndex;
  }

  get firstIndex(): number {
    return this.pending === undefined ? this.storage.firstIndex : this.pending.index + 1;
  }

  get lastIndex(): number {
    return this.offset + this.unstable.length - 1;
  }

  get lastTerm(): number {
    return this.term(this.lastIndex) as number;
  }

  /** The last durable entry. */
  get stableIndex(): number {
    return this.pending === undefined ? this.offset - 1 : 0;
  }

  get unstableBytes(): number {
    return this.bytes;
  }

  get pendingSnapshot(): Snapshot | undefined {
    return this.pending;
  }

  /** The newest snapshot, durable or not. */
  get snapshot(): Snapshot {
    return this.pending ?? this.storage.snapshot;
  }

  get unstableEntries(): readonly Entry[] {
    return this.unstable.slice();
  }

  /** Undefined for what is compacted or not there. */
  term(index: number): number | undefined {
    if (index >= this.offset) return this.unstable[index - this.offset]?.term;
    if (this.pending !== undefined) return index === this.pending.index ? this.pending.term : undefined;
    return this.storage.term(index);
  }

  has(index: number, term: number): boolean {
    return this.term(index) === term;
  }

  /** The last index, at most `index`, whose term is at most `term`; where that is compacted, the last compacted one. */
  lastAtMost(index: number, term: number): number {
    let low = this.firstIndex - 1;
    let high = Math.min(index, this.lastIndex);
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.term(middle) as number) <= term) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Entries from `from` to `to` (included); at least one, then as many as the limits allow. */
  entries(from: number, to: number, maxBytes: number, maxEntries: number): readonly Entry[] {
    const last = Math.min(to, this.lastIndex);
    if (from > last) return [];
    if (from >= this.offset) {
      return prefixWithin(this.unstable.slice(from - this.offset, last + 1 - this.offset), maxBytes, maxEntries);
    }
    const stored = this.storage.entries(from, Math.min(last, this.offset - 1), maxBytes, maxEntries);
    if (last < this.offset || from + stored.length < this.offset) return stored;
    return prefixWithin([...stored, ...this.unstable.slice(0, last + 1 - this.offset)], maxBytes, maxEntries);
  }

  /** Puts entries in place of all from the first one's index on, which must lie above what is committed. */
  append(entries: readonly Entry[]): void {
    if (entries.length === 0) return;
    const from = entries[0].index;
    assert(from > this.commitIndex, `entry ${from} would replace a committed one (up to ${this.commitIndex})`);
    assert(from <= this.lastIndex + 1, `entry ${from} does not follow ${this.lastIndex}`);
    if (from < this.offset) {
      this.unstable = [];
      this.offset = from;
      this.bytes = 0;
    } else if (from <= this.lastIndex) {
      this.unstable.length = from - this.offset;
      this.bytes = totalEntryBytes(this.unstable);
    }
    for (const entry of entries) this.unstable.push(entry);
    this.bytes += totalEntryBytes(entries);
  }

  commitTo(index: number): void {
    assert(index <= this.lastIndex, `entry ${index} is committed and not in the log, which ends at ${this.lastIndex}`);
    this.commitIndex = Math.max(this.commitIndex, index);
  }

  /** A leader's snapshot takes the place of the whole log. */
  restore(snapshot: Snapshot): void {
    this.pending = snapshot;
    this.unstable = [];
    this.bytes = 0;
    this.offset = snapshot.index + 1;
    this.commitIndex = snapshot.index;
  }

  /** Committed entries that follow what is applied, or the snapshot that will be. */
  nextCommitted(maxBytes: number): readonly Entry[] {
    const from = Math.max(this.appliedIndex, this.pending?.index ?? 0) + 1;
    return this.entries(from, this.commitIndex, maxBytes, Number.MAX_SAFE_INTEGER);
  }

  /** Those of them that are durable here. */
  nextDurable(maxBytes: number): readonly Entry[] {
    return this.entries(this.appliedIndex + 1, Math.min(this.commitIndex, this.stableIndex), maxBytes, Infinity);
  }

  get hasNextCommitted(): boolean {
    return Math.max(this.appliedIndex, this.pending?.index ?? 0) < this.commitIndex;
  }

  /** The storage has the entries up to this one, unless they have been replaced meanwhile. */
  stableTo(index: number, term: number): void {
    const at = index - this.offset;
    if (this.unstable[at]?.term !== term) return;
    for (let i = 0; i <= at; i++) this.bytes -= entryBytes(this.unstable[i]);
    this.unstable = this.unstable.slice(at + 1);
    this.offset = index + 1;
  }

  /** The storage has the snapshot, unless a newer one has come meanwhile. */
  snapshotStable(snapshot: Snapshot): void {
    if (this.pending === snapshot) this.pending = undefined;
  }

  appliedTo(index: number): void {
    assert(index >= this.appliedIndex, `entry ${index} was applied before`);
    this.appliedIndex = index;
  }
}
