import type { Configuration } from './configuration.js';
import type { Entry } from './entry.js';

/** What must survive a restart beside the log: one record, replaced as a whole (thesis fig. 3.1). */
export interface HardState {
  readonly term: number;
  /** Whom this node voted for in that term; 0: nobody. */
  readonly vote: number;
}

/** What a snapshot stands for: the state after the entry `index`, and the configuration at that point. */
export interface SnapshotMeta {
  /** 0 for the state before the first entry. */
  readonly index: number;
  readonly term: number;
  readonly configuration: Configuration;
}

export interface Snapshot extends SnapshotMeta {
  /** The state machine's own bytes; never changed once they are handed over. */
  readonly data: Uint8Array;
}

/**
 * The durable part of the log as Raft reads it, from memory and at once. Whoever keeps it writes to the disk what a
 * Ready says, then into this, then calls `advance`.
 */
export interface LogStorage {
  readonly hardState: HardState;
  /** The newest one; before the first, index 0 with the founders' configuration, or with none on a node that joins. */
  readonly snapshot: Snapshot;
  /** Of the entries kept; one more than `lastIndex` when there is none. At most `snapshot.index + 1`. */
  readonly firstIndex: number;
  readonly lastIndex: number;
  /** Known from `firstIndex - 1` (the last entry that was compacted) to `lastIndex`; undefined outside. */
  term(index: number): number | undefined;
  /** From `from` (at least `firstIndex`) to `to` (included, at most `lastIndex`); at least one, then up to `maxBytes`. */
  entries(from: number, to: number, maxBytes: number, maxEntries: number): readonly Entry[];
}
