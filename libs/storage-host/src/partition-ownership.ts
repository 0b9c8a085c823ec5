import { partitionShift } from '#libs/kernel';

/** What this node is to a partition. */
export const PARTITION_STATES = {
  /** Nothing: operations are sent back. */
  none: 0,
  /** Primary: operations are executed. */
  serving: 1,
  /** Primary, but its entries are being copied to the next one: nothing may change or be read meanwhile. */
  sealed: 2,
  /** A copy is arriving from the primary. */
  receiving: 3,
  /** This node's log had entries of it; the first table that counts this process says whether they are still its own. */
  restored: 4,
} as const;

export type RouteVerdict = 'serve' | 'stale' | 'moving' | 'newer';

/** Partition states and epochs of this node, as the last cluster table and the moves since have made them. */
export class PartitionOwnership {
  readonly states: Uint8Array;
  readonly epochs: Uint32Array;
  readonly partitionShift: number;

  constructor(readonly partitionCount: number) {
    this.states = new Uint8Array(partitionCount);
    this.epochs = new Uint32Array(partitionCount);
    this.partitionShift = partitionShift(partitionCount);
  }

  isServing(partition: number): boolean {
    return this.states[partition] === PARTITION_STATES.serving;
  }

  /** Whether an operation that was routed under `epoch` may run here. */
  judge(partition: number, epoch: number): RouteVerdict {
    if (partition >= this.partitionCount) return 'stale';
    const own = this.epochs[partition];
    const state = this.states[partition];
    if (epoch === own && state === PARTITION_STATES.serving) return 'serve';
    if (epoch > own) return 'newer';
    return epoch === own && state === PARTITION_STATES.sealed ? 'moving' : 'stale';
  }
}
