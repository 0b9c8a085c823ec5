/** The log that batches in the order of their writing make, and whether it and the snapshot belong together. */
import type { Entry, Snapshot } from '#libs/raft';

export interface ReplayedLog {
  /** Contiguous. */
  readonly entries: readonly Entry[];
  /** The term of the entry before them. */
  readonly termBefore: number;
  /** Nothing of what was replayed counts. */
  readonly isReplaced: boolean;
}

export class Replay {
  private entries: Entry[] = [];

  /** Undefined where the batch follows the log or replaces its end; else what is wrong. */
  add(batch: readonly Entry[]): string | undefined {
    const from = batch[0].index;
    const first = this.entries[0]?.index ?? from;
    if (from > first + this.entries.length) return `entry ${from} follows ${first + this.entries.length - 1}`;
    if (from < first) this.entries = [];
    else this.entries.length = from - first;
    const before = this.entries.at(-1);
    for (const entry of batch) this.entries.push(entry);
    const lower = this.entries
      .slice(-batch.length)
      .find(({ term }, at, added) => term < (added[at - 1] ?? before ?? { term }).term);
    return lower === undefined ? undefined : `entry ${lower.index} is of a lower term than the one before it`;
  }

  /**
   * The log behind a snapshot; undefined where entries are missing between the two. A log that has not the snapshot's
   * last entry was replaced by it: a leader's snapshot was written, and the old segments not all removed.
   */
  finish(snapshot: Snapshot): ReplayedLog | undefined {
    const { entries } = this;
    const replaced = { entries: [], termBefore: snapshot.term, isReplaced: true };
    if (entries.length === 0) return replaced;
    const first = entries[0].index;
    if (first > snapshot.index + 1) return undefined;
    if (first === snapshot.index + 1) return { entries, termBefore: snapshot.term, isReplaced: false };
    if (entries[snapshot.index - first]?.term !== snapshot.term) return replaced;
    // The first one only says which entry the next one follows: what came before it is compacted.
    return { entries: entries.slice(1), termBefore: entries[0].term, isReplaced: false };
  }
}
