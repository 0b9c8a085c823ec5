/**
 * What an owner has promised, per partition: to acknowledge nothing below an epoch (for ever, over restarts), and not to
 * seal for a while (Gray and Cheriton, "Leases", 1989; granted by replicas as in Moraru et al., "Paxos Quorum Leases", 2014).
 *
 * An epoch goes through three stages here: known (everything below is refused from then on), saved, and, where a
 * candidate asked for it, answered, which takes until no promise to an earlier primary is alive. An epoch becomes known by
 * a SEAL, or by what its primary sends to an owner that was not among the majority; nothing is acknowledged before it is
 * saved.
 */
import { assert } from '#libs/kernel';
import { OWNERSHIP_BOUNDS, type OwnershipTimes } from './bounds.js';
import type { OwnershipRules } from './rules.js';

/** `unsaved`: ask again once the disk is done. */
export type GrantVerdict = 'granted' | 'refused' | 'unsaved';

export interface SealRecord {
  readonly partition: number;
  readonly epoch: number;
}

/** A seal that is durable, and whose candidate may hear so. */
export interface DueSeal extends SealRecord {
  readonly to: string;
}

export class LeaseGrantor {
  private readonly known: Uint32Array;
  private readonly saved: Uint32Array;
  private readonly promisedUntilMs: Float64Array;
  /** Partitions whose epoch has grown since the last {@link takeUnsaved}. */
  private readonly dirty = new Set<number>();
  /** Who waits for the seal of the epoch that is known; one candidate per epoch. */
  private readonly askers = new Map<number, string>();

  /** `stored`: the saved epoch of each partition, 0 where none was. It is copied. */
  constructor(
    stored: Uint32Array,
    nowMs: number,
    private readonly times: OwnershipTimes,
    private readonly rules: OwnershipRules,
  ) {
    const { length } = stored;
    assert(length > 0 && length <= OWNERSHIP_BOUNDS.maxPartitions, `${length} partitions`);
    this.known = stored.slice();
    this.saved = stored.slice();
    this.promisedUntilMs = new Float64Array(length).fill(nowMs + rules.forgottenPromiseMs(times.leaseMs));
  }

  get partitionCount(): number {
    return this.known.length;
  }

  /** The lowest epoch of which anything is taken. */
  knownEpoch(partition: number): number {
    return this.known[partition];
  }

  savedEpoch(partition: number): number {
    return this.saved[partition];
  }

  /** Whether a record of this epoch may be taken now; one of a later epoch makes that epoch known. */
  admits(partition: number, epoch: number): GrantVerdict {
    if (this.rules.isStale(epoch, this.known[partition])) return 'refused';
    if (epoch > this.known[partition]) this.raise(partition, epoch);
    return this.saved[partition] < epoch ? 'unsaved' : 'granted';
  }

  /** For an acknowledgement that leaves now: where it answers `granted`, the promise is given. */
  grant(partition: number, epoch: number, nowMs: number): GrantVerdict {
    const verdict = this.admits(partition, epoch);
    if (verdict !== 'granted') return verdict;
    const untilMs = nowMs + this.times.leaseMs;
    if (untilMs > this.promisedUntilMs[partition]) this.promisedUntilMs[partition] = untilMs;
    return verdict;
  }

  /** A candidate asks; false where a later epoch is known. The answer comes by {@link takeDue}. */
  seal(partition: number, epoch: number, asker: string): boolean {
    if (epoch < this.known[partition]) return false;
    if (epoch > this.known[partition]) this.raise(partition, epoch);
    this.askers.set(partition, asker);
    return true;
  }

  /** What is to be made durable now; {@link onSaved} gets the same list. */
  takeUnsaved(): readonly SealRecord[] {
    const records: SealRecord[] = [];
    for (const partition of this.dirty) records.push({ partition, epoch: this.known[partition] });
    this.dirty.clear();
    return records;
  }

  onSaved(records: readonly SealRecord[]): void {
    for (const { partition, epoch } of records) {
      if (epoch > this.saved[partition]) this.saved[partition] = epoch;
    }
  }

  /** Seals that may be answered; each is handed out once per time that it is asked for. */
  takeDue(nowMs: number): readonly DueSeal[] {
    const due: DueSeal[] = [];
    for (const [partition, to] of this.askers) {
      const epoch = this.known[partition];
      if (this.saved[partition] < epoch || !this.rules.hasRunOut(this.promisedUntilMs[partition], nowMs)) continue;
      due.push({ partition, epoch, to });
      this.askers.delete(partition);
    }
    return due;
  }

  private raise(partition: number, epoch: number): void {
    this.known[partition] = epoch;
    this.dirty.add(partition);
    this.askers.delete(partition);
  }
}
