/**
 * Where the logs of this node's groups end, as arrays by group: the last record that it wrote as a primary or took as a replica,
 * durable or not. One instance serves a node: its links, its intakes, and whoever executes its writes.
 */
import type { Position } from '#libs/ownership';
import { GROUPS_PER_PARTITION } from './group.js';

export class GroupPositions {
  readonly groupCount: number;
  readonly epochs: Uint32Array;
  readonly sequences: Float64Array;
  /**
   * 1 where a copy has begun and not ended: the group has what was copied so far, so it counts as having nothing. Such an
   * owner answers no candidate about the group either, since it may lack what it once acknowledged.
   */
  readonly incomplete: Uint8Array;

  constructor(readonly partitionCount: number) {
    this.groupCount = partitionCount * GROUPS_PER_PARTITION;
    this.epochs = new Uint32Array(this.groupCount);
    this.sequences = new Float64Array(this.groupCount);
    this.incomplete = new Uint8Array(this.groupCount);
  }

  set(group: number, epoch: number, sequence: number): void {
    this.epochs[group] = epoch;
    this.sequences[group] = sequence;
  }

  isAt(group: number, epoch: number, sequence: number): boolean {
    return this.epochs[group] === epoch && this.sequences[group] === sequence;
  }

  /** What the group has as a whole; (0, 0) where it is incomplete. */
  last(group: number): Position {
    if (this.incomplete[group] !== 0) return { epoch: 0, sequence: 0 };
    return { epoch: this.epochs[group], sequence: this.sequences[group] };
  }
}
