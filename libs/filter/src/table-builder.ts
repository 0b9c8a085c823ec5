/** Builds the tables that are asked for, one at a time, in steps of bounded work. */
import { CuckooTable, MAX_SLOTS } from './cuckoo-table.js';
import type { FilterSizing } from './filter-sizing.js';
import type { FilterTables } from './filter-tables.js';
import { PartitionQueue } from './partition-queue.js';
import { ShardBuild } from './shard-build.js';
import type { ShardKeys } from './shard-keys.js';

/** Making a table, beside the keys in it, costs a step as much as so many keys. */
const TABLE_COST_KEYS = 16;
/** A shard whose table has overflowed is given a larger one, up to so many steps above what its items ask for. */
const MAX_EXTRA_LEVELS = 10;

export class TableBuilder {
  /** Tables completed. */
  completed = 0;
  /** 1 where memory was refused, by partition; tried again when nothing else waits. */
  readonly refused: Uint8Array;

  private readonly waiting: PartitionQueue;
  /** The next table's level is at least this: lower ones have overflowed. */
  private readonly floors: Uint8Array;
  private build: ShardBuild | undefined;
  private lastRefused = 0;

  constructor(
    private readonly partitionCount: number,
    private readonly tables: FilterTables,
    private readonly keys: ShardKeys,
    private sizing: FilterSizing,
  ) {
    this.refused = new Uint8Array(partitionCount);
    this.floors = new Uint8Array(partitionCount);
    this.waiting = new PartitionQueue(partitionCount);
  }

  onInserted(partition: number, hash: number, low: number): void {
    if (this.build?.partition === partition) this.build.onInserted(hash, low);
  }

  onRemoved(partition: number, hash: number, low: number): void {
    if (this.build?.partition === partition) this.build.onRemoved(hash, low);
  }

  /** Has a table built, unless one is being built or has been refused. */
  ask(partition: number): void {
    if (this.refused[partition] === 0 && this.build?.partition !== partition) this.waiting.push(partition);
  }

  /** Has the next table be larger than `level`, which has overflowed. */
  askAbove(partition: number, level: number): void {
    this.floors[partition] = level + 1;
    this.ask(partition);
  }

  /** Has the next table be as small as the shard allows. */
  askSmaller(partition: number): void {
    this.floors[partition] = 0;
    this.ask(partition);
  }

  /** Forgets what a partition has asked for. */
  cancel(partition: number): void {
    this.refused[partition] = 0;
    this.floors[partition] = 0;
    this.waiting.delete(partition);
    if (this.build?.partition === partition) this.giveUp(this.build);
  }

  /** Takes effect for the tables begun from now on; the one under way is begun again. */
  resize(sizing: FilterSizing): void {
    this.sizing = sizing;
    const { build } = this;
    if (build === undefined) return;
    this.giveUp(build);
    this.ask(build.partition);
  }

  /** Share of the shard visited for the first table of a partition; 0 where none is being built. */
  progressOfFirst(): number {
    const { build } = this;
    return build === undefined || this.tables.tables[build.partition] !== undefined ? 0 : build.progress;
  }

  /** Visits about `maxKeys` keys and answers how much has been done, in keys; 0 where nothing could be. */
  step(maxKeys: number): number {
    if (this.build === undefined && this.waiting.isEmpty) this.askRefused();
    let done = 0;
    while (done < maxKeys) {
      const build = (this.build ??= this.begin());
      if (build === undefined) break;
      const isComplete = build.advance(this.keys, maxKeys - done);
      done += build.visited + TABLE_COST_KEYS;
      if (build.isFailed) {
        this.giveUp(build);
        this.askAbove(build.partition, build.level);
      } else if (isComplete) this.complete(build);
    }
    return done;
  }

  /** The next table that is asked for and has room. */
  private begin(): ShardBuild | undefined {
    const { sizing } = this;
    for (let partition = this.waiting.shift(); partition >= 0; partition = this.waiting.shift()) {
      const needed = sizing.levelFor(partition, this.keys.count(partition));
      const level = Math.max(needed, this.floors[partition]);
      const slots = sizing.slotsAt(partition, level);
      const bits = sizing.bitsOf(partition, slots);
      const isSensible = slots <= MAX_SLOTS && level <= needed + MAX_EXTRA_LEVELS;
      if (isSensible && this.tables.reserve(slots, bits)) {
        return new ShardBuild(partition, level, new CuckooTable(slots, bits));
      }
      this.refused[partition] = 1;
    }
    return undefined;
  }

  private complete({ partition, level, table }: ShardBuild): void {
    this.build = undefined;
    this.completed++;
    this.tables.replace(partition, level, table, this.sizing);
    if (table.items > this.tables.growAbove[partition]) this.ask(partition);
  }

  private giveUp({ table }: ShardBuild): void {
    this.build = undefined;
    this.tables.release(table);
  }

  /** Tries one refused partition again, in turn. */
  private askRefused(): void {
    const { partitionCount, refused } = this;
    for (let i = 1; i <= partitionCount; i++) {
      const partition = (this.lastRefused + i) % partitionCount;
      if (refused[partition] === 0) continue;
      refused[partition] = 0;
      this.lastRefused = partition;
      this.ask(partition);
      return;
    }
  }
}
