/**
 * When entries were used last, created and changed, as far as that is kept: policy `session` keeps uses and creation, and
 * any store can keep creation and changes (record-times.ts). References are those of the engine, and must be of entries that
 * are there. All times are milliseconds since 1970, 0 where they are not known.
 */
import type { EntryFinder } from './entry-finder.js';
import type { PolicySeat } from './policy-seat.js';
import { PAGE_SHIFT, type RecordLog } from './record-log.js';
import {
  modifiedAt,
  createdAt,
  keepsModification,
  keepsCreation,
  setModifiedAt,
  setCreatedAt,
} from './record-times.js';
import { SHARD_WORDS } from './shard-state.js';
import type { SlotIndex } from './slot-index.js';

/** Of pages that keep no times. */
const PLAIN_LAYOUT = 0;

export class EntryTimes {
  constructor(
    private readonly log: RecordLog,
    private readonly index: SlotIndex,
    private readonly finder: EntryFinder,
    private readonly seat: PolicySeat,
  ) {}

  /** Only the node that decides about a partition hears of uses. */
  idleSinceMs(partition: number, ref: number): number {
    if (!this.isKnown(partition, ref)) return 0;
    this.log.open(ref);
    return this.seat.idleSinceMs(this.log.bytes, this.log.at);
  }

  /** The same however often the entry is overwritten. */
  createdAtMs(partition: number, ref: number): number {
    if (!keepsCreation(this.log.layout)) return 0;
    const layout = this.layoutOf(partition, ref);
    this.log.open(ref);
    return createdAt(layout, this.log.bytes, this.log.at);
  }

  /** Of whole seconds: when value or expiry changed last. */
  modifiedAtMs(partition: number, ref: number): number {
    if (!keepsModification(this.log.layout)) return 0;
    const layout = this.layoutOf(partition, ref);
    this.log.open(ref);
    return modifiedAt(layout, this.log.bytes, this.log.at);
  }

  /** Makes an entry as old as that which it is a copy of, where that is kept. */
  setCreated(partition: number, ref: number, createdAtMs: number): void {
    const layout = this.layoutOf(partition, ref);
    this.log.open(ref);
    setCreatedAt(layout, this.log.bytes, this.log.at, createdAtMs);
  }

  setModified(partition: number, ref: number, modifiedAtMs: number): void {
    const layout = this.layoutOf(partition, ref);
    this.log.open(ref);
    setModifiedAt(layout, this.log.bytes, this.log.at, modifiedAtMs);
  }

  /** Whether the policy has heard of the entry. */
  isKnown(partition: number, ref: number): boolean {
    if (!this.seat.hasUnknown) return true;
    const page = this.pageOf(partition, ref);
    return page < 0 || !this.seat.isUnknown(partition * SHARD_WORDS, page);
  }

  private layoutOf(partition: number, ref: number): number {
    const { seat, log } = this;
    if (!seat.hasStale) return log.layout;
    const page = this.pageOf(partition, ref);
    return page < 0 ? PLAIN_LAYOUT : seat.layoutOf(partition * SHARD_WORDS, page);
  }

  private pageOf(partition: number, ref: number): number {
    const slot = this.finder.slotOf(partition * SHARD_WORDS, ref);
    return slot < 0 ? -1 : this.index.addressAt(slot) >>> PAGE_SHIFT;
  }
}
