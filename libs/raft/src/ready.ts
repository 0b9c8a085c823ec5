import type { Entry } from './entry.js';
import type { HardState, Snapshot } from './log-storage.js';
import type { Message } from './messages.js';
import type { ReadState } from './reads.js';

/**
 * What is to be done now, in this order: write `hardState`, `snapshot` and `entries` (with an fsync where `mustSync`) and
 * put them into the log's storage; send `messages`; restore the state machine from `snapshot`; apply `committed`; answer
 * the reads whose entry is applied; call `advance`. A node that cannot write stops: nothing of this Ready was promised
 * to anyone yet.
 */
export interface Ready {
  readonly hardState: HardState | undefined;
  /** A leader's, in place of the whole log. */
  readonly snapshot: Snapshot | undefined;
  /** In place of all entries from the first one's index on. */
  readonly entries: readonly Entry[];
  readonly messages: readonly Message[];
  /** In order, each once in the life of a node. Those that are not commands change nothing in the state machine. */
  readonly committed: readonly Entry[];
  readonly readStates: readonly ReadState[];
  /** Contexts of reads that this node cannot answer any more, since it has ceased to lead. */
  readonly abortedReads: readonly number[];
  /** Something above has to be durable before the messages leave. */
  readonly mustSync: boolean;
}
