/** The log in an array: what a node reads from beside its files, and all that tests need. */
import { assert } from '#libs/kernel';
import { NO_MEMBERS, type Configuration } from './configuration.js';
import { prefixWithin, type Entry } from './entry.js';
import type { HardState, LogStorage, Snapshot } from './log-storage.js';

export interface StoredLog {
  readonly hardState: HardState;
  readonly snapshot: Snapshot;
  /** Contiguous. The first one's index is at most `snapshot.index + 1`. */
  readonly entries: readonly Entry[];
  /** The term of the entry before the first one. */
  readonly termBefore: number;
}

export class MemoryLogStorage implements LogStorage {
  hardState: HardState = { term: 0, vote: 0 };
  private newest: Snapshot;
  private kept: Entry[] = [];
  /** Index and term of the entry before the first one kept. */
  private base: { index: number; term: number } = { index: 0, term: 0 };

  /** `founders` is the configuration that all first members start with; a node that joins later starts without one. */
  constructor(founders: Configuration = NO_MEMBERS) {
    this.newest = { index: 0, term: 0, configuration: founders, data: new Uint8Array(0) };
  }

  /** What was read from files. */
  static from({ hardState, snapshot, entries, termBefore }: StoredLog): MemoryLogStorage {
    const storage = new MemoryLogStorage();
    storage.hardState = hardState;
    storage.newest = snapshot;
    storage.base = { index: entries.length > 0 ? entries[0].index - 1 : snapshot.index, term: termBefore };
    storage.kept = [...entries];
    assert(storage.base.index <= snapshot.index, 'entries are missing after the snapshot');
    assert(storage.lastIndex >= snapshot.index, 'the log ends before the snapshot');
    return storage;
  }

  get snapshot(): Snapshot {
    return this.newest;
  }

  get firstIndex(): number {
    return this.base.index + 1;
  }

  get lastIndex(): number {
    return this.base.index + this.kept.length;
  }

  term(index: number): number | undefined {
    return index === this.base.index ? this.base.term : this.kept[index - this.firstIndex]?.term;
  }

  entries(from: number, to: number, maxBytes: number, maxEntries: number): readonly Entry[] {
    assert(from >= this.firstIndex && to <= this.lastIndex, `entries ${from} to ${to} are not in the log`);
    return prefixWithin(this.kept.slice(from - this.firstIndex, to + 1 - this.firstIndex), maxBytes, maxEntries);
  }

  /** Puts entries in place of all from the first one's index on. */
  append(entries: readonly Entry[]): void {
    if (entries.length === 0) return;
    const from = entries[0].index;
    assert(from > this.newest.index && from <= this.lastIndex + 1, `entry ${from} does not follow ${this.lastIndex}`);
    this.kept.length = from - this.firstIndex;
    for (const entry of entries) this.kept.push(entry);
  }

  /** Puts a leader's snapshot in the place of the whole log. */
  install(snapshot: Snapshot): void {
    assert(snapshot.index > this.newest.index, `snapshot ${snapshot.index} is not newer than ${this.newest.index}`);
    this.newest = snapshot;
    this.kept = [];
    this.base = { index: snapshot.index, term: snapshot.term };
  }

  /** Notes a snapshot of this node's own state; the log stays until {@link compact}. */
  save(snapshot: Snapshot): void {
    assert(snapshot.index > this.newest.index, `snapshot ${snapshot.index} is not newer than ${this.newest.index}`);
    assert(this.term(snapshot.index) === snapshot.term, `snapshot ${snapshot.index} is not of this log`);
    this.newest = snapshot;
  }

  /** Drops the entries up to `index` (included), which the snapshot must cover. */
  compact(index: number): void {
    if (index <= this.base.index) return;
    assert(index <= this.newest.index, `entry ${index} is not covered by snapshot ${this.newest.index}`);
    const term = this.term(index) as number;
    this.kept = this.kept.slice(index - this.base.index);
    this.base = { index, term };
  }
}
