/**
 * When entries were used last and when they were created, as far as the policy keeps that: `session` does. References are
 * those of the engine, and must be of entries that are there.
 */
import type { EntryFinder } from './entry-finder.js';
import type { PolicySeat } from './policy-seat.js';
import { PAGE_SHIFT, type RecordLog } from './record-log.js';
import { SHARD_WORDS } from './shard-state.js';
import type { SlotIndex } from './slot-index.js';

export class EntryTimes {
  constructor(
    private readonly log: RecordLog,
    private readonly index: SlotIndex,
    private readonly finder: EntryFinder,
    private readonly seat: PolicySeat,
  ) {}

  /** Milliseconds since 1970; 0 where it is not known: only the node that decides about a partition hears of uses. */
  idleSinceMs(partition: number, ref: number): number {
    if (!this.isKnown(partition, ref)) return 0;
    this.log.open(ref);
    return this.seat.idleSinceMs(this.log.bytes, this.log.at);
  }

  /** Milliseconds since 1970, the same however often the entry is overwritten; 0 where it is not known. */
  createdAtMs(partition: number, ref: number): number {
    if (!this.keepsCreation(partition, ref)) return 0;
    this.log.open(ref);
    return this.seat.createdAtMs(this.log.bytes, this.log.at);
  }

  /** Makes an entry as old as that which it is a copy of, where the policy keeps that. */
  setCreated(partition: number, ref: number, createdAtMs: number): void {
    if (!this.keepsCreation(partition, ref)) return;
    this.log.open(ref);
    this.seat.setCreated(this.log.bytes, this.log.at, createdAtMs);
  }

  /** Whether the policy has heard of the entry. */
  isKnown(partition: number, ref: number): boolean {
    if (!this.seat.hasUnknown) return true;
    const page = this.pageOf(partition, ref);
    return page < 0 || !this.seat.isUnknown(partition * SHARD_WORDS, page);
  }

  private keepsCreation(partition: number, ref: number): boolean {
    const { seat } = this;
    if (!seat.knowsCreation || !seat.hasUnknown) return seat.knowsCreation;
    const page = this.pageOf(partition, ref);
    return page >= 0 && seat.isLaidOut(partition * SHARD_WORDS, page);
  }

  private pageOf(partition: number, ref: number): number {
    const slot = this.finder.slotOf(partition * SHARD_WORDS, ref);
    return slot < 0 ? -1 : this.index.addressAt(slot) >>> PAGE_SHIFT;
  }
}
