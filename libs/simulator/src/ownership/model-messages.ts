import type { PartitionAssignment, Position, TailRequest } from '#libs/ownership';
import type { ModelRecord } from './model-log.js';

interface OfPartition {
  readonly partition: number;
  readonly epoch: number;
}

/** What goes over the simulated network. Machines are named by number, the coordinators are 0. */
export type ModelMessage =
  | { readonly kind: 'frame'; readonly frame: Uint8Array }
  | { readonly kind: 'table'; readonly assignment: PartitionAssignment }
  /** To the coordinators: the epoch has started. */
  | ({ readonly kind: 'started' } & OfPartition)
  | ({
      readonly kind: 'append';
      readonly prev: Position;
      readonly records: readonly ModelRecord[];
      /** By the primary's clock; comes back. */
      readonly sentAtMs: number;
    } & OfPartition)
  | ({ readonly kind: 'appended'; readonly sequence: number; readonly sentAtMs: number } & OfPartition)
  /** The record before is not here; try again from `sequence`. */
  | ({ readonly kind: 'mismatch'; readonly sequence: number } & OfPartition)
  | ({ readonly kind: 'refused'; readonly sealedEpoch: number } & OfPartition)
  | { readonly kind: 'fetch'; readonly tail: TailRequest }
  | { readonly kind: 'tail'; readonly tail: TailRequest; readonly records: readonly ModelRecord[] | undefined };

export type ModelMessageOf<K extends ModelMessage['kind']> = Extract<ModelMessage, { readonly kind: K }>;
