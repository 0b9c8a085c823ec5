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

/** A member stops on purpose. */
export interface Leave {
  readonly cluster: string;
  readonly nodeId: string;
  readonly incarnation: number;
}
