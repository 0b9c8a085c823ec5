import { MEMBERSHIP_BOUNDS } from './bounds.js';

const LENGTH = MEMBERSHIP_BOUNDS.windowIntervals;

/**
 * The latest intervals of many members, one sliding window per slot, with mean and variance at hand: adding is O(1),
 * and so is reading. Sums are built anew whenever a window has come round, so that rounding never adds up.
 */
export class IntervalWindows {
  private readonly intervals: Float64Array;
  private readonly counts: Uint16Array;
  private readonly nexts: Uint16Array;
  private readonly sums: Float64Array;
  private readonly squares: Float64Array;

  constructor(slots: number) {
    this.intervals = new Float64Array(slots * LENGTH);
    this.counts = new Uint16Array(slots);
    this.nexts = new Uint16Array(slots);
    this.sums = new Float64Array(slots);
    this.squares = new Float64Array(slots);
  }

  clear(slot: number): void {
    this.counts[slot] = 0;
    this.nexts[slot] = 0;
    this.sums[slot] = 0;
    this.squares[slot] = 0;
  }

  add(slot: number, interval: number): void {
    const next = this.nexts[slot];
    const at = slot * LENGTH + next;
    if (this.counts[slot] === LENGTH) this.count(slot, this.intervals[at], -1);
    else this.counts[slot]++;
    this.intervals[at] = interval;
    this.count(slot, interval, 1);
    this.nexts[slot] = (next + 1) % LENGTH;
    if (this.nexts[slot] === 0) this.sumUp(slot);
  }

  /** 0 for an empty window. */
  mean(slot: number): number {
    const count = this.counts[slot];
    return count === 0 ? 0 : this.sums[slot] / count;
  }

  /** Of the intervals themselves, not of a sample; 0 for an empty window. */
  standardDeviation(slot: number): number {
    const count = this.counts[slot];
    if (count === 0) return 0;
    const mean = this.sums[slot] / count;
    return Math.sqrt(Math.max(0, this.squares[slot] / count - mean * mean));
  }

  private count(slot: number, interval: number, sign: 1 | -1): void {
    this.sums[slot] += sign * interval;
    this.squares[slot] += sign * interval * interval;
  }

  private sumUp(slot: number): void {
    this.sums[slot] = 0;
    this.squares[slot] = 0;
    const start = slot * LENGTH;
    for (let at = start; at < start + this.counts[slot]; at++) this.count(slot, this.intervals[at], 1);
  }
}
