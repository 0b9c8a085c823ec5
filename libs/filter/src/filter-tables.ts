/** The tables that answer, one per shard at most, and the memory that they take from the store's budget. */
import type { CuckooTable } from './cuckoo-table.js';
import { tableBytes, windowsMayContain } from './cuckoo-table.js';
import type { FilterSizing } from './filter-sizing.js';

/** Takes bytes from the store's budget, or gives them back (negative); false where there are none. */
export type Charge = (bytes: number) => boolean;

const NO_WORDS = new Uint32Array(0);

export class FilterTables {
  /** By partition. */
  readonly tables: (CuckooTable | undefined)[];
  /** Of the table that answers: items beyond which it is to be replaced by a larger one, and below which by a smaller. */
  readonly growAbove: Uint32Array;
  readonly shrinkBelow: Uint32Array;
  /** By partition: grows whenever the table that answers may have come to know of more keys. */
  readonly changes: Float64Array;
  /** Bytes taken, also for the table that is being built. */
  bytes = 0;
  private readonly levels: Uint8Array;
  /** What a look-up needs of each table, side by side: windows (0 without a table) and bits, and the words. */
  private readonly shapes: Int32Array;
  private readonly words: Uint32Array[];

  constructor(
    partitionCount: number,
    private readonly charge: Charge,
  ) {
    this.tables = Array.from({ length: partitionCount }, () => undefined);
    this.growAbove = new Uint32Array(partitionCount);
    this.shrinkBelow = new Uint32Array(partitionCount);
    this.changes = new Float64Array(partitionCount);
    this.levels = new Uint8Array(partitionCount);
    this.shapes = new Int32Array(2 * partitionCount);
    this.words = Array.from({ length: partitionCount }, () => NO_WORDS);
  }

  /** Whether a table answers for a partition. */
  has(partition: number): boolean {
    return this.shapes[2 * partition] !== 0;
  }

  /** The answer of a partition's table, which must exist. */
  mayContain(partition: number, hash: number, low: number): boolean {
    const { shapes } = this;
    const windows = shapes[2 * partition];
    return windowsMayContain(this.words[partition], windows, shapes[2 * partition + 1], hash, low);
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
    this.changes[partition]++;
    this.tables[partition] = table;
    this.words[partition] = table.words;
    this.shapes[2 * partition] = table.windows;
    this.shapes[2 * partition + 1] = table.bits;
    this.levels[partition] = level;
    this.growAbove[partition] = sizing.capacityAt(partition, level);
    this.shrinkBelow[partition] = sizing.shrinkBelow(partition, level);
  }

  drop(partition: number): void {
    const table = this.tables[partition];
    if (table === undefined) return;
    this.tables[partition] = undefined;
    this.words[partition] = NO_WORDS;
    this.shapes[2 * partition] = 0;
    this.release(table);
  }

  /** Of the table that answers. */
  levelOf(partition: number): number {
    return this.levels[partition];
  }
}
