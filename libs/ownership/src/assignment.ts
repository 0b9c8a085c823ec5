import { assert } from '#libs/kernel';
import { OWNERSHIP_BOUNDS } from './bounds.js';

/**
 * What the coordinators have committed about one partition. They replace `owners` only while `outgoing` is empty, put
 * the old ones there, and clear it once they hear that an epoch with the new ones has started. So there are at most two
 * sets that may hold what was acknowledged, as in Raft's joint configurations, and a candidate seals a majority of each.
 */
export interface PartitionAssignment {
  readonly partition: number;
  /** From 1; grows with every change of candidate or owners. */
  readonly epoch: number;
  /** One of the owners. */
  readonly candidate: string;
  readonly owners: readonly string[];
  readonly outgoing: readonly string[];
}

export function checkAssignment({ partition, epoch, candidate, owners, outgoing }: PartitionAssignment): void {
  assert(epoch > 0, `partition ${partition}: epoch 0`);
  assert(owners.includes(candidate), `partition ${partition}: candidate ${candidate} is none of its owners`);
  assert(
    owners.length <= OWNERSHIP_BOUNDS.maxOwners && outgoing.length <= OWNERSHIP_BOUNDS.maxOwners,
    `partition ${partition}: more than ${OWNERSHIP_BOUNDS.maxOwners} owners`,
  );
}
