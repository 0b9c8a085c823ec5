/** The tables that answer, one per shard at most, and the memory that they take from the store's budget. */
import type { CuckooTable } from './cuckoo-table.js';
import { tableBytes } from './cuckoo-table.js';
import type { FilterSizing } from './filter-sizing.js';

/** Takes bytes from the store's budget, or gives them back (negative); false where there are none. */
export type Charge = (bytes: number) => boolean;

export class FilterTables {
  /** By partition. */
  readonly tables: (CuckooTable | undefined)[];
  /** Of the table that answers: items beyond which it is to be replaced by a larger one, and below which by a smaller. */
  readonly growAbove: Uint32Array;
  readonly shrinkBelow: Uint32Array;
  /** Bytes taken, also for the table that is being built. */
  bytes = 0;
  private readonly levels: Uint8Array;

  constructor(
    partitionCount: number,
    private readonly charge: Charge,
  ) {
    this.tables = Array.from({ length: partitionCount }, () => undefined);
    this.growAbove = new Uint32Array(partitionCount);
    this.shrinkBelow = new Uint32Array(partitionCount);
    this.levels = new Uint8Array(partitionCount);
  }

  /** Takes the memory of a table that is to be made; false where the budget refuses. */
  reserve(slots: number, bits: number): boolean {
    const bytes = tableBytes(slots, bits);
    if (!this.charge(bytes)) return false;
    this.bytes += bytes;
    return true;
  }

  /** Gives back the memory of a table that was never put in place. */
  release(table: CuckooTable): void {
    this.bytes -= table.bytes;
    this.charge(-table.bytes);
  }

  /** Lets a table answer in place of the one before. */
  replace(partition: number, level: number, table: CuckooTable, sizing: FilterSizing): void {
    this.drop(partition);
    this.tables[partition] = table;
    this.levels[partition] = level;
    this.growAbove[partition] = sizing.capacityAt(partition, level);
    this.shrinkBelow[partition] = sizing.shrinkBelow(partition, level);
  }

  drop(partition: number): void {
    const table = this.tables[partition];
    if (table === undefined) return;
    this.tables[partition] = undefined;
    this.release(table);
  }

  /** Of the table that answers. */
  levelOf(partition: number): number {
    return this.levels[partition];
  }
}
