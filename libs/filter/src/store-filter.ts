/**
 * The filter of one store on one node: a cuckoo table per shard, which answers most look-ups of absent keys before they
 * reach the index. It answers for served shards only, those whose every change it is told of. Until a shard's table
 * is complete, and whenever it has none, the answer is "maybe"; the filter never says "absent" of a key that is there.
 *
 * Tables are built, and replaced by larger or smaller ones, in steps of bounded work, while the old one answers. Where
 * the old one fills up before, it is dropped. All memory is asked for from the store's budget.
 */
import { assert } from '#libs/kernel';
import { Bypass } from './bypass.js';
import type { FilterTable } from './filter-copy.js';
import { FilterSizing } from './filter-sizing.js';
import type { FilterDecisions, FilterStats } from './filter-stats.js';
import { type Charge, FilterTables } from './filter-tables.js';
import type { ShardKeys } from './shard-keys.js';
import { TableBuilder } from './table-builder.js';

export interface StoreFilterOptions {
  readonly partitionCount: number;
  /** MIN_RATE to MAX_RATE: the share of look-ups of absent keys that may be answered "maybe". */
  readonly falsePositiveRate: number;
  readonly keys: ShardKeys;
  readonly charge: Charge;
  /** Whether look-ups ask the filter even while nearly all of them hit (bypass.ts); by default not. */
  readonly asksAlways?: boolean;
}

export class StoreFilter {
  private readonly partitionCount: number;
  private readonly shards: FilterTables;
  private readonly builder: TableBuilder;
  /** By partition: 1 where the filter is told of all changes. */
  private readonly served: Uint8Array;
  private sizing: FilterSizing;
  private enabled = false;

  private readonly bypass = new Bypass();
  private readonly asksAlways: boolean;
  /** Whether a table has answered the last look-up. */
  private hasAsked = false;
  private maybes = 0;
  private negatives = 0;
  private falsePositives = 0;
  private overflows = 0;

  constructor({ partitionCount, falsePositiveRate, keys, charge, asksAlways = false }: StoreFilterOptions) {
    this.partitionCount = partitionCount;
    this.asksAlways = asksAlways;
    this.served = new Uint8Array(partitionCount);
    this.sizing = new FilterSizing(falsePositiveRate, partitionCount);
    this.shards = new FilterTables(partitionCount, charge);
    this.builder = new TableBuilder(partitionCount, this.shards, keys, this.sizing);
  }

  /** False only where the shard certainly has no key of this hash (`StoreEngine.hashOf` and `hashLow`). */
  mayContain(partition: number, hash: number, low: number): boolean {
    const { shards, bypass } = this;
    this.hasAsked = shards.has(partition) && !bypass.pass();
    if (!this.hasAsked) return true;
    const isMaybe = shards.mayContain(partition, hash, low);
    if (!this.asksAlways) bypass.sample(!isMaybe);
    if (isMaybe) this.maybes++;
    else this.negatives++;
    return isMaybe;
  }

  /** The table that answers for a partition, for a copy of it; undefined where there is none. */
  tableOf(partition: number): FilterTable | undefined {
    return this.shards.tables[partition];
  }

  /** Grows with each key that {@link tableOf} has heard of; keys that go leave it as it is. */
  versionOf(partition: number): number {
    return this.shards.changes[partition];
  }

  /** To be called when the key of the last {@link mayContain} was not there although it was true. */
  onMissed(): void {
    if (this.hasAsked) this.falsePositives++;
    else this.bypass.onMiss();
  }

  /** To be called after a key has been inserted that was not there. */
  onInserted(partition: number, hash: number, low: number): void {
    const { shards, builder } = this;
    builder.onInserted(partition, hash, low);
    const table = shards.tables[partition];
    if (table === undefined) return;
    shards.changes[partition]++;
    if (!table.insert(hash, low)) {
      this.overflows++;
      shards.drop(partition);
      builder.askAbove(partition, shards.levelOf(partition));
    } else if (table.items > shards.growAbove[partition]) builder.ask(partition);
  }

  /** To be called after a key has been removed, for whatever reason. It must have been there. */
  onRemoved(partition: number, hash: number, low: number): void {
    const { shards, builder } = this;
    builder.onRemoved(partition, hash, low);
    const table = shards.tables[partition];
    if (table === undefined) return;
    table.remove(hash, low);
    if (table.items < shards.shrinkBelow[partition]) builder.askSmaller(partition);
  }

  /** To be called after many entries of a shard have gone at once; its table is dropped, and built from what is left. */
  onCleared(partition: number): void {
    this.drop(partition);
    if (this.enabled && this.served[partition] === 1) this.builder.ask(partition);
  }

  /**
   * Says whether the filter is told of all changes of a shard from now on, and so may answer for it. At first no shard
   * is served.
   */
  setServed(partition: number, isServed: boolean): void {
    if ((this.served[partition] === 1) === isServed) return;
    this.served[partition] = isServed ? 1 : 0;
    this.onCleared(partition);
  }

  get isEnabled(): boolean {
    return this.enabled;
  }

  /** Answers "maybe" until {@link step} has built the tables. */
  enable(): void {
    if (this.enabled) return;
    this.enabled = true;
    this.askForAll();
  }

  /** Frees all tables at once. */
  disable(): void {
    if (!this.enabled) return;
    this.enabled = false;
    for (let partition = 0; partition < this.partitionCount; partition++) this.drop(partition);
  }

  get falsePositiveRate(): number {
    return this.sizing.rate;
  }

  /** Tables of the old rate go on answering until those of the new one are built. */
  setFalsePositiveRate(rate: number): void {
    if (rate === this.sizing.rate) return;
    this.sizing = new FilterSizing(rate, this.partitionCount);
    this.builder.resize(this.sizing);
    if (this.enabled) this.askForAll();
  }

  /**
   * Builds tables by visiting about `maxKeys` keys, and answers how much has been done, in keys (a table costs as much as
   * some keys); 0 where nothing was to be done, or memory was refused. For a sweep, or idle moments.
   */
  step(maxKeys: number): number {
    assert(maxKeys > 0, 'a step must visit at least one key');
    return this.enabled ? this.builder.step(maxKeys) : 0;
  }

  /** Counts look-ups, tables and overflows from zero again. */
  resetCounters(): void {
    this.maybes = 0;
    this.negatives = 0;
    this.falsePositives = 0;
    this.overflows = 0;
    this.bypass.resetPassed();
    this.builder.completed = 0;
  }

  decisions(): FilterDecisions {
    return {
      lookups: this.maybes + this.negatives,
      negatives: this.negatives,
      bypassed: this.bypass.passed,
      falsePositives: this.falsePositives,
    };
  }

  stats(): FilterStats {
    const { served, shards, builder } = this;
    const [sum, totals] = [(total: number, one: number): number => total + one, tableTotals(shards)];
    const { readyShards, items, slots, bits, rates } = totals;
    const servedShards = served.reduce(sum, 0);
    return {
      enabled: this.enabled,
      shards: servedShards,
      readyShards,
      refusedShards: builder.refused.reduce(sum, 0),
      progress: servedShards === 0 ? 0 : (readyShards + builder.progressOfFirst()) / servedShards,
      items,
      bytes: shards.bytes,
      loadFactor: slots === 0 ? 0 : items / slots,
      fingerprintBits: slots === 0 ? 0 : bits / slots,
      configuredRate: this.sizing.rate,
      estimatedRate: readyShards === 0 ? 0 : rates / readyShards,
      ...this.decisions(),
      rebuilds: builder.completed,
      overflows: this.overflows,
    };
  }

  private askForAll(): void {
    for (let partition = 0; partition < this.partitionCount; partition++) {
      if (this.served[partition] === 1) this.builder.ask(partition);
    }
  }

  private drop(partition: number): void {
    this.builder.cancel(partition);
    this.shards.drop(partition);
  }
}

interface TableTotals {
  readonly readyShards: number;
  readonly items: number;
  readonly slots: number;
  /** Over all slots, and of the false-positive rates. */
  readonly bits: number;
  readonly rates: number;
}

function tableTotals({ tables }: FilterTables): TableTotals {
  let [readyShards, items, slots, bits, rates] = [0, 0, 0, 0, 0];
  for (const table of tables) {
    if (table === undefined) continue;
    readyShards++;
    items += table.items;
    slots += table.slots;
    bits += table.slots * table.bits;
    rates += table.falsePositiveRate();
  }
  return { readyShards, items, slots, bits, rates };
}
