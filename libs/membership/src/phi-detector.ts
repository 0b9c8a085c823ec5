/**
 * How suspicious each member's silence is: a phi accrual detector per member (see phi.ts), in typed arrays. It differs
 * from the paper in three ways. The mean is never below the expected interval, since members announce changes between
 * two heartbeats, and those short intervals say nothing about the rhythm. The deviation is never below a quarter of
 * the mean, so that at the usual threshold of 8 one lost heartbeat does not suspect. And no interval counts as longer
 * than a few usual ones: a member that was away for long is not forgiven the next silence.
 */
import { assert } from '#libs/kernel';
import { MEMBERSHIP_BOUNDS } from './bounds.js';
import { IntervalWindows } from './interval-windows.js';
import { phiOf } from './phi.js';

export interface PhiOptions {
  /** How often a member is expected to be heard. */
  readonly intervalMs: number;
  readonly minStdMs: number;
}

/** The least standard deviation, as a share of the mean. */
const MIN_RELATIVE_STD = 0.25;
/** An interval counts as this many usual ones at most. */
const LONGEST_IN_MEANS = 4;

export class PhiDetector {
  private readonly slots = new Map<string, number>();
  private readonly freeSlots: number[] = [];
  private readonly heardAtMs = new Float64Array(MEMBERSHIP_BOUNDS.maxMembers);
  /** 1 where the silence before the next heartbeat is no interval, since part of it could not be heard. */
  private readonly isFresh = new Uint8Array(MEMBERSHIP_BOUNDS.maxMembers);
  private readonly windows = new IntervalWindows(MEMBERSHIP_BOUNDS.maxMembers);

  constructor(private readonly options: PhiOptions) {
    for (let slot = MEMBERSHIP_BOUNDS.maxMembers - 1; slot >= 0; slot--) this.freeSlots.push(slot);
  }

  /** Begins with the expected rhythm, as if the member had been heard now. It must not be watched yet. */
  watch(nodeId: string, nowMs: number): void {
    assert(!this.slots.has(nodeId), 'a member is watched once');
    const slot = this.freeSlots.pop();
    assert(slot !== undefined, 'a cluster has no more members than can be watched');
    this.slots.set(nodeId, slot);
    const { intervalMs } = this.options;
    this.windows.clear(slot);
    this.windows.add(slot, intervalMs * (1 - MIN_RELATIVE_STD));
    this.windows.add(slot, intervalMs * (1 + MIN_RELATIVE_STD));
    this.heardAtMs[slot] = nowMs;
    this.isFresh[slot] = 1;
  }

  isWatched(nodeId: string): boolean {
    return this.slots.has(nodeId);
  }

  watched(): Iterable<string> {
    return this.slots.keys();
  }

  forget(nodeId: string): void {
    const slot = this.slots.get(nodeId);
    if (slot === undefined) return;
    this.slots.delete(nodeId);
    this.freeSlots.push(slot);
  }

  /** A heartbeat of a member; nothing for one that is not watched. */
  heard(nodeId: string, nowMs: number): void {
    const slot = this.slots.get(nodeId);
    if (slot === undefined) return;
    const intervalMs = nowMs - this.heardAtMs[slot];
    if (this.isFresh[slot] === 0 && intervalMs >= 0) {
      this.windows.add(slot, Math.min(intervalMs, LONGEST_IN_MEANS * this.meanMs(slot)));
    }
    this.isFresh[slot] = 0;
    this.heardAtMs[slot] = nowMs;
  }

  /** Everybody counts as heard now, and the silence until then is not learned from. */
  startAfresh(nowMs: number): void {
    for (const slot of this.slots.values()) {
      this.heardAtMs[slot] = nowMs;
      this.isFresh[slot] = 1;
    }
  }

  /** Whether the member has been heard since it is watched, or since the last fresh start. */
  isHeard(nodeId: string): boolean {
    const slot = this.slots.get(nodeId);
    return slot !== undefined && this.isFresh[slot] === 0;
  }

  /** 0 for a member that is not watched. */
  silentMs(nodeId: string, nowMs: number): number {
    const slot = this.slots.get(nodeId);
    return slot === undefined ? 0 : Math.max(0, nowMs - this.heardAtMs[slot]);
  }

  /** 0 for a member that is not watched. */
  phi(nodeId: string, nowMs: number): number {
    const slot = this.slots.get(nodeId);
    if (slot === undefined) return 0;
    const meanMs = this.meanMs(slot);
    const stdMs = Math.max(this.windows.standardDeviation(slot), this.options.minStdMs, MIN_RELATIVE_STD * meanMs);
    return phiOf(nowMs - this.heardAtMs[slot], meanMs, stdMs);
  }

  private meanMs(slot: number): number {
    return Math.max(this.windows.mean(slot), this.options.intervalMs);
  }
}
