import type { TableStore } from '#libs/cluster';
import { BudgetShare, type EntryRef, type PolicyOptions, StoreEngine } from '#libs/engine';
import { FilteredEngine } from './filtered-engine.js';
import { PressureMarks, type Pressure } from './pressure-levels.js';
import { StoreStatistics } from './store-statistics.js';
import { TtlRules } from './ttl-rules.js';

/** One store on this node: its engine, the event sequence of each of its shards, its part of the node's memory. */
export class StoreShards {
  readonly engine: StoreEngine;
  /** The engine behind the store's filter: for look-ups by key, and for all that adds or removes keys. */
  readonly entries: FilteredEngine;
  /** The last event sequence of the store's group, by partition: all stores of its replication factor share it. */
  readonly sequences: Float64Array;
  readonly statistics = new StoreStatistics();
  /** What {@link NodeMemory} keeps: the store's share of the node, and from where on it is under pressure. */
  readonly share = new BudgetShare();
  readonly marks = new PressureMarks();
  ttlRules: TtlRules;
  /** 0 where idle entries stay. */
  private idleTtlMs: number;
  /** Whether people have been told that evicting does not keep up. */
  isShort = false;
  /** Operations of the frame that is being executed. */
  frameOperations = 0;

  constructor(
    public definition: TableStore,
    partitionCount: number,
    hashSeed: number,
    nodeMemoryBytes: number,
    sequences: Float64Array = new Float64Array(partitionCount),
  ) {
    const { memoryLimitBytes } = definition;
    const limitBytes = memoryLimitBytes === 0 ? nodeMemoryBytes : Math.min(memoryLimitBytes, nodeMemoryBytes);
    this.engine = new StoreEngine({
      partitionCount,
      hashSeed,
      limitBytes,
      policy: policyOf(definition),
      keepsTimes: keepsTimes(definition),
    });
    this.entries = new FilteredEngine(this.engine);
    this.entries.configure(definition.filter);
    this.sequences = sequences;
    this.ttlRules = new TtlRules(definition);
    this.idleTtlMs = idleTtlOf(definition);
    this.share.ownLimitBytes = memoryLimitBytes;
  }

  /** Follows a changed definition. A lower limit takes effect in steps, see {@link NodeMemory}. */
  redefine(definition: TableStore): void {
    const { policy, evictionScope, idleTtlMs } = this.definition;
    const keptTimes = keepsTimes(this.definition);
    this.definition = definition;
    this.ttlRules = new TtlRules(definition);
    this.idleTtlMs = idleTtlOf(definition);
    this.share.ownLimitBytes = definition.memoryLimitBytes;
    this.entries.configure(definition.filter);
    const isSame =
      policy === definition.policy &&
      evictionScope === definition.evictionScope &&
      idleTtlMs === definition.idleTtlMs &&
      keptTimes === keepsTimes(definition);
    if (!isSame) this.engine.setPolicy(policyOf(definition), keepsTimes(definition));
  }

  /** What this node may do with a partition: decide about its entries, and (also while it is sealed) be its primary. */
  setRole(partition: number, isServing: boolean, isPrimary: boolean): void {
    this.engine.setEvictable(partition, isServing);
    this.entries.setServed(partition, isPrimary);
  }

  get pressure(): Pressure {
    return this.marks.pressureAt(this.engine.usedBytes);
  }

  /** When an entry goes unless it is used before: by its expiry, its idle or its absolute lifetime, the nearest; 0 = never. */
  goesAtMs(partition: number, ref: EntryRef): number {
    const { engine, idleTtlMs, ttlRules } = this;
    const expiresAtMs = engine.expiresAtMs(ref);
    if (!this.isSession && !ttlRules.needCreation) return expiresAtMs;
    const createdAtMs = engine.times.createdAtMs(partition, ref);
    const endsAtMs = createdAtMs === 0 ? expiresAtMs : ttlRules.atMost(expiresAtMs, createdAtMs);
    const usedAtMs = idleTtlMs === 0 ? 0 : engine.times.idleSinceMs(partition, ref);
    if (usedAtMs === 0) return endsAtMs;
    const idleAtMs = usedAtMs + idleTtlMs;
    return endsAtMs === 0 ? idleAtMs : Math.min(endsAtMs, idleAtMs);
  }

  isExpired(partition: number, ref: EntryRef, nowMs: number): boolean {
    const goesAtMs = this.goesAtMs(partition, ref);
    return goesAtMs !== 0 && goesAtMs <= nowMs;
  }

  /** Whether the policy knows when entries were used. */
  private get isSession(): boolean {
    return this.definition.policy === 'session';
  }

  nextSequence(partition: number): number {
    return ++this.sequences[partition];
  }

  /** Takes the sequence given last back, when its event was refused. */
  returnSequence(partition: number): void {
    this.sequences[partition]--;
  }
}

function policyOf({ policy, evictionScope, idleTtlMs }: TableStore): PolicyOptions {
  return { name: policy, scope: evictionScope, idleTtlMs };
}

/** The longest lifetime counts from creation, which the policy session keeps by itself. */
function keepsTimes({ timestamps, maxTtlMs, policy }: TableStore): boolean {
  return timestamps || (maxTtlMs > 0 && policy !== 'session');
}

/** Other policies do not know when an entry was used last. */
function idleTtlOf({ policy, idleTtlMs }: TableStore): number {
  return policy === 'session' ? idleTtlMs : 0;
}
