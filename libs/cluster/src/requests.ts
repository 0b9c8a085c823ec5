/** Asks a coordinator for the table. */
export interface TableRequest {
  readonly nodeId: string;
  /** The table that the asker has; 0 for none. */
  readonly tableVersion: number;
}

/** The source of a move tells how it ended. */
export interface MoveFinished {
  readonly clusterId: string;
  readonly partition: number;
  /** The partition's epoch during the move. */
  readonly epoch: number;
  /** Node ids. */
  readonly source: string;
  readonly target: string;
  /** As in the table that began the move. */
  readonly moveId: number;
  /** The source's process. */
  readonly incarnation: number;
  /** The target's process that has acknowledged the whole copy; 0 where the move failed. */
  readonly targetIncarnation: number;
  readonly ok: boolean;
  /** Why the move failed; empty where it did not. */
  readonly reason: string;
}

export interface MoveFinishedReply {
  /** True: the table with the new owner is durable. False: the source keeps the partition. */
  readonly accepted: boolean;
  /** Why it was refused; empty where it was not. */
  readonly reason: string;
  /** The table that carries the outcome. */
  readonly tableVersion: number;
}

/**
 * What a storage node has to say about the epochs that it is, or was to be, primary under. It repeats each word until a
 * table shows that it has been heard: `outgoing` is empty, or the epoch is another one.
 */
export interface EpochReports {
  readonly clusterId: string;
  readonly nodeId: string;
  /** The process that says so. */
  readonly incarnation: number;
  /** Epochs under which it serves, with their present owners. Owes them to partitions with outgoing owners alone. */
  readonly served: readonly EpochServed[];
  readonly failed: readonly PromotionFailed[];
}

export interface EpochServed {
  readonly partition: number;
  readonly epoch: number;
}

/** The reasons of libs/ownership for which a candidate needs another epoch. */
export const PROMOTION_FAILURES = ['unspecified', 'no-majority', 'no-tail', 'not-started', 'spent'] as const;
export type PromotionFailure = Exclude<(typeof PROMOTION_FAILURES)[number], 'unspecified'>;

export interface PromotionFailed {
  readonly partition: number;
  readonly epoch: number;
  readonly reason: PromotionFailure;
}

export interface EpochReportsReply {
  /** The table that carries what follows from what was served; what has failed is seen to later. */
  readonly tableVersion: number;
}

/** A member stops on purpose. */
export interface Leave {
  readonly cluster: string;
  readonly nodeId: string;
  readonly incarnation: number;
}
