/**
 * What the owners have promised to this node, per partition that it leads: until when a majority of them certainly seals
 * nothing. A promise counts from when the request that it answers was sent, by this node's own clock.
 */
import { OWNERSHIP_BOUNDS, type OwnershipTimes } from './bounds.js';
import type { OwnershipRules } from './rules.js';

const { maxOwners, maxRounds } = OWNERSHIP_BOUNDS;

interface Led {
  readonly epoch: number;
  readonly owners: readonly string[];
}

export class LeaseHolder {
  /** Reads that must see what was committed may be answered before this time; -Infinity where this node does not lead. */
  readonly validUntilMs: Float64Array;
  /** Per owner of a partition, when the newest request that it has acknowledged was sent. */
  private readonly sentAtMs: Float64Array;
  private readonly led = new Map<number, Led>();
  private readonly roundStartsMs = new Float64Array(maxRounds);
  private round = 0;
  private readonly sorted = new Float64Array(maxOwners);

  constructor(
    partitionCount: number,
    private readonly times: OwnershipTimes,
    private readonly rules: OwnershipRules,
  ) {
    this.validUntilMs = new Float64Array(partitionCount).fill(-Infinity);
    this.sentAtMs = new Float64Array(partitionCount * maxOwners);
  }

  /** Begins without any promise. */
  lead(partition: number, epoch: number, owners: readonly string[]): void {
    this.led.set(partition, { epoch, owners });
    this.sentAtMs.fill(-Infinity, partition * maxOwners, (partition + 1) * maxOwners);
    this.validUntilMs[partition] = -Infinity;
  }

  resign(partition: number): void {
    this.led.delete(partition);
    this.validUntilMs[partition] = -Infinity;
  }

  /** Whether a majority's promises hold; one look-up. */
  holds(partition: number, nowMs: number): boolean {
    return nowMs < this.validUntilMs[partition];
  }

  /** An owner has acknowledged what was sent to it at `sentAtMs`. Of other epochs, and of no owner, it means nothing. */
  onPromise(partition: number, epoch: number, owner: string, sentAtMs: number, nowMs: number): void {
    const led = this.led.get(partition);
    if (led === undefined || led.epoch !== epoch) return;
    const slot = led.owners.indexOf(owner);
    if (slot < 0) return;
    const at = partition * maxOwners + slot;
    const fromMs = this.rules.promisedFrom(sentAtMs, nowMs);
    if (fromMs <= this.sentAtMs[at]) return;
    this.sentAtMs[at] = fromMs;
    const { length } = led.owners;
    const sorted = this.sorted.subarray(0, length);
    sorted.set(this.sentAtMs.subarray(partition * maxOwners, partition * maxOwners + length));
    sorted.sort();
    const majority = (length >>> 1) + 1;
    this.validUntilMs[partition] = sorted[length - majority] + this.rules.reliesOnFor(this.times.leaseMs);
  }

  /** All partitions that this node leads, for a round of renewals. */
  partitions(): IterableIterator<[number, Led]> {
    return this.led.entries();
  }

  /** Answers the number that the renewals of this round carry. */
  beginRound(nowMs: number): number {
    this.round = (this.round + 1) >>> 0;
    this.roundStartsMs[this.round % maxRounds] = nowMs;
    return this.round;
  }

  /** When a round was sent; undefined where it is too long ago, or was none. */
  roundStart(round: number): number | undefined {
    const age = this.round - round;
    return age < 0 || age >= maxRounds || round === 0 ? undefined : this.roundStartsMs[round % maxRounds];
  }
}
