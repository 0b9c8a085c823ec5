/**
 * The log of one partition on one machine, as plain as it can be: records in memory, and what the disk has of them. It
 * stands for the log of events, which ownership is independent of, and keeps the rules that `ShardLog` asks for.
 */
import { comparePositions, NOWHERE, type Position } from '#libs/ownership';

/** Value 0 is `EpochStarted`. */
export interface ModelRecord {
  readonly epoch: number;
  readonly value: number;
}

interface Write {
  readonly from: number;
  readonly records: readonly ModelRecord[];
}

export class ModelLog {
  records: ModelRecord[] = [];
  private readonly durable: ModelRecord[] = [];
  /** From here on memory differs from what the disk was told last. */
  private changedFrom = 0;

  get lastDurable(): Position {
    const { length } = this.durable;
    return length === 0 ? NOWHERE : { epoch: this.durable[length - 1].epoch, sequence: length };
  }

  positionAt(sequence: number): Position {
    return sequence === 0 ? NOWHERE : { epoch: this.records[sequence - 1].epoch, sequence };
  }

  add(record: ModelRecord): void {
    this.records.push(record);
  }

  /** Puts records behind `prev`; false where that is not here. What contradicts them is cut off. */
  take(prev: Position, records: readonly ModelRecord[]): boolean {
    if (prev.sequence > this.records.length || comparePositions(this.positionAt(prev.sequence), prev) !== 0)
      return false;
    for (let i = 0; i < records.length; i++) {
      const at = prev.sequence + i;
      if (this.records[at]?.epoch === records[i].epoch) continue;
      this.cut(at);
      this.records.push(records[i]);
    }
    return true;
  }

  /** Makes the log end with these. */
  replace(records: readonly ModelRecord[]): void {
    this.take(NOWHERE, records);
    this.cut(records.length);
  }

  /** What the disk is told now; {@link written} once it is done. */
  write(): Write {
    const from = Math.min(this.changedFrom, this.records.length);
    this.changedFrom = this.records.length;
    return { from, records: this.records.slice(from) };
  }

  written({ from, records }: Write): void {
    this.durable.length = from;
    this.durable.push(...records);
  }

  /** The process ends, and with it what was not durable. */
  crash(): void {
    this.records = [...this.durable];
    this.changedFrom = this.records.length;
  }

  private cut(length: number): void {
    if (length >= this.records.length) return;
    this.records.length = length;
    this.changedFrom = Math.min(this.changedFrom, length);
  }
}
