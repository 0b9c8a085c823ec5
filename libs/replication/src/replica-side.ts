/**
 * What an intake asks of the replica's host. Nothing of it calls the intake back before it has returned, but for
 * `ReplicaIntake.refuse`. `OwnershipNode` of libs/ownership fits {@link ReplicaOwnership} where it counts by group.
 */
import type { GrantVerdict } from '#libs/ownership';
import type { RefusalReason } from './acknowledgement.js';

export interface ReplicaOwnership {
  /** Whether a record that the primary of this epoch has sent may be taken; `unsaved`: not yet. */
  admits(group: number, epoch: number): GrantVerdict;
  /** Asked when what was taken is durable and its acknowledgement is about to leave; `granted` makes it a promise. */
  acknowledge(group: number, epoch: number, nowMs: number): GrantVerdict;
  /** Nothing below this epoch is taken. */
  sealedEpoch(group: number): number;
}

export interface ReplicaHost {
  /** Whether more should be held back than what happens anyway. */
  readonly isPressed: boolean;
  /** Puts an answer on the bus; it may get lost. It does not go in parts. */
  send(frame: Uint8Array): void;
  /** Why nothing of the group is taken here: no owner, no room; undefined where it is. */
  refusalOf(group: number): RefusalReason | undefined;
  /**
   * Whole records of any groups, in order, which happened at this time: they go into the log and to the engines. Their positions
   * are entered already.
   */
  take(records: Uint8Array, offset: number, length: number, wallMs: number, logical: number): void;
  /** What the group has here is no more; entries are copied, and later records taken, as of this position. */
  beginCopy(group: number, epoch: number, sequence: number): void;
  /** Entries of the group, as records of its partition. */
  takeCopy(group: number, records: Uint8Array, offset: number, length: number, wallMs: number, logical: number): void;
  /** The group has all up to this position. */
  endCopy(group: number, epoch: number, sequence: number): void;
}
