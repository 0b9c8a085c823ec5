/**
 * Where the event sequences of this node stand. Stores of one replication factor share a sequence per partition, their
 * group: whatever replicates a group then has one log to follow, whose position is an epoch and a sequence.
 */

/** The highest replication factor, and so the highest number of a group. */
export const MAX_GROUP = 8;

/** One group's last records, by partition. */
export interface GroupPosition {
  readonly sequences: Float64Array;
  readonly epochs: Uint32Array;
}

export class GroupPositions {
  private readonly groups = new Map<number, GroupPosition>();

  constructor(readonly partitionCount: number) {}

  /** Made at the first question. */
  of(group: number): GroupPosition {
    const known = this.groups.get(group);
    if (known !== undefined) return known;
    const { partitionCount } = this;
    const made = { sequences: new Float64Array(partitionCount), epochs: new Uint32Array(partitionCount) };
    this.groups.set(group, made);
    return made;
  }

  /** Those that somebody has asked for, with their numbers. */
  all(): ReadonlyMap<number, GroupPosition> {
    return this.groups;
  }

  /** The partition's log begins anew. */
  reset(partition: number): void {
    for (const { sequences, epochs } of this.groups.values()) {
      sequences[partition] = 0;
      epochs[partition] = 0;
    }
  }
}
