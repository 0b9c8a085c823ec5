import type { DiskError } from '#libs/ports';
import type { EventLogError } from './event-log-error.js';

/** A batch's number in the order of appending, from 1 on, over the life of one log object. */
export type Ticket = number;

/** What `append` answers for a batch that it did not take. */
export const REFUSED: Ticket = 0;

export interface LogFailure {
  readonly error: DiskError | EventLogError;
  /**
   * The tickets, `from` to `to` (none where `from` is greater), that are not kept as the policy promises. Whoever waits for them
   * is to be told so. Those that were only waiting to be written still are, and may become durable later.
   */
  readonly from: Ticket;
  readonly to: Ticket;
  /** Something is lost for good: the log is whole again once a checkpoint that is begun from now on is complete. */
  readonly needsCheckpoint: boolean;
}

/** What a log tells its host. Called from answers of the disk, and from `append` and `tick`. */
export interface LogListener {
  /** All up to this ticket was handed to the system: it outlives the process. */
  onWritten(ticket: Ticket): void;
  /** All up to this ticket outlives a loss of power, except what a failure has named. */
  onSynced(ticket: Ticket): void;
  /** All up to this ticket is kept as the policy promises: synced under `always`, else written; never while the log refuses. */
  onDurable(ticket: Ticket): void;
  /** The log refuses from now on. */
  onFailed(failure: LogFailure): void;
  /** The log takes what comes again. */
  onWriting(): void;
  /** A segment or checkpoint that nobody needs could not be removed; it is tried again with the next checkpoint. */
  onRemovalFailed(error: DiskError): void;
}
