/**
 * What a link asks of the primary's host. Nothing of it calls the link back before it has returned.
 * `OwnershipNode` of libs/ownership fits {@link PrimaryOwnership} where it counts by group.
 */
import type { Position } from '#libs/ownership';

export interface PrimaryOwnership {
  /** A replica has promised something by acknowledging what was sent at `sentAtMs`. */
  onAcknowledged(group: number, epoch: number, owner: string, sentAtMs: number, nowMs: number): void;
  /** A replica takes nothing of the group, since it has sealed a later epoch. */
  onRefused(group: number, sealedEpoch: number): void;
}

/** Records of the group from the one behind `after` on, as many as `maxBytes` hold, and one at least. */
export interface TailRead {
  readonly group: number;
  readonly after: Position;
  readonly maxBytes: number;
  /** Comes back with the answer. */
  readonly request: number;
}

/**
 * How a read of the log ended: with what {@link ReplicationLink.onTailRecords} was given, maybe nothing; or the log does not
 * reach back so far; or the replica's last record is none of this log's.
 */
export type TailOutcome = 'read' | 'gone' | 'divergent';

export interface PrimaryHost {
  /** Puts a frame on the bus, in order; it may get lost. Frames above one message go in parts. */
  send(frame: Uint8Array): void;
  /** Answered by any number of `onTailRecords` and one `onTailEnd`, never before this has returned. */
  readTail(read: TailRead): void;
  /** The group's entries are to be copied, from the first on. */
  beginCopy(group: number): void;
  /**
   * The next records of the copy, as the entries are now, valid until the next call; undefined when all were given. Asked
   * within `endTurn` alone, when the turn's own records have left: so that each chunk is as later than all that was sent before.
   */
  nextChunk(group: number): Uint8Array | undefined;
  /** The copy is complete, or given up. */
  endCopy(group: number): void;
  /** All records of the group up to this one are durable at the replica. */
  onAcknowledged(group: number, sequence: number): void;
  /** The replica begins anew with a copy: what it acknowledged of the group does not count any more. */
  onForgotten(group: number): void;
  /** The replica's last record of the group is none of this log's; a copy follows. */
  onDivergent(group: number, last: Position): void;
}

/** How much catching up may send, over all links of a node. */
export interface CatchUpBudget {
  readonly isOpen: boolean;
  spend(bytes: number): void;
}

export const NO_BUDGET: CatchUpBudget = { isOpen: true, spend: () => undefined };
