/** Where an event stands in a partition's log: the epoch whose primary wrote it, and its number from 1. */
export interface Position {
  readonly epoch: number;
  readonly sequence: number;
}

/** Of an empty log. */
export const NOWHERE: Position = { epoch: 0, sequence: 0 };

/** Below 0 where `a` is behind `b`: a later epoch is always further, however few records it has. */
export function comparePositions(a: Position, b: Position): number {
  return a.epoch - b.epoch || a.sequence - b.sequence;
}

/**
 * What ownership asks of the log of events behind a partition. Answers come later, as inputs of the node. The log in turn
 *
 * - takes a record only where {@link OwnershipNode.admits} says so, and only behind the record that its sender names
 *   (what does not match is cut off, never skipped);
 * - acknowledges it once it is durable and {@link OwnershipNode.acknowledge} has said `granted`, then and not before;
 * - counts as committed what a majority of the configured owners has acknowledged, up to a record of the primary's own
 *   epoch (records of earlier ones are committed by those behind them, as in Raft, §5.4.2 of its paper);
 * - tells {@link OwnershipNode.onAcknowledged} of every acknowledgement, with the time at which what it answers was sent.
 */
export interface ShardLog {
  /** The last durable record; never above the epoch that the owner has sealed. */
  lastPosition(partition: number): Position;
  /**
   * Makes this node's log equal to that of `from` up to `upTo`, and durable, then answers by `onTail`. `from` gives
   * records away only while it has sealed exactly this epoch; else, or where it lacks `upTo`, the answer is a failure.
   * What comes for an earlier attempt, or once this node has sealed a later epoch, changes nothing in the log.
   */
  fetchTail(tail: TailRequest): void;
  /**
   * Adds `EpochStarted` to this node's log and replicates it, and what is before it, to the owners; answers by
   * `onStarted` once that is committed.
   */
  appendEpochStarted(partition: number, epoch: number): void;
}

export interface TailRequest {
  readonly partition: number;
  readonly epoch: number;
  readonly from: string;
  readonly upTo: Position;
  /** Comes back with the answer: an answer to an earlier request is none. */
  readonly attempt: number;
}
