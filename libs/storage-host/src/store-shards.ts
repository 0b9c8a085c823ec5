import type { TableStore } from '#libs/cluster';
import {
  BudgetShare,
  DEFAULT_POLICY,
  type EntryRef,
  isPolicyName,
  type PolicyOptions,
  StoreEngine,
} from '#libs/engine';
import { PressureMarks, type Pressure } from './pressure-levels.js';
import { StoreStatistics } from './store-statistics.js';
import { TtlRules } from './ttl-rules.js';

/** One store on this node: its engine, the event sequence of each of its shards, its part of the node's memory. */
export class StoreShards {
  readonly engine: StoreEngine;
  /** The last event sequence of each shard, indexed by partition. */
  readonly sequences: Float64Array;
  readonly statistics = new StoreStatistics();
  /** What {@link NodeMemory} keeps: the store's share of the node, and from where on it is under pressure. */
  readonly share = new BudgetShare();
  readonly marks = new PressureMarks();
  ttlRules: TtlRules;
  /** Whether people have been told that evicting does not keep up. */
  isShort = false;
  /** Operations of the frame that is being executed. */
  frameOperations = 0;

  constructor(
    public definition: TableStore,
    partitionCount: number,
    hashSeed: number,
    nodeMemoryBytes: number,
  ) {
    const { memoryLimitBytes } = definition;
    const limitBytes = memoryLimitBytes === 0 ? nodeMemoryBytes : Math.min(memoryLimitBytes, nodeMemoryBytes);
    this.engine = new StoreEngine({ partitionCount, hashSeed, limitBytes, policy: policyOf(definition) });
    this.sequences = new Float64Array(partitionCount);
    this.ttlRules = new TtlRules(definition);
    this.share.ownLimitBytes = memoryLimitBytes;
  }

  /** Follows a changed definition. A lower limit takes effect in steps, see {@link NodeMemory}. */
  redefine(definition: TableStore): void {
    const { policy, evictionScope, idleTtlMs } = this.definition;
    this.definition = definition;
    this.ttlRules = new TtlRules(definition);
    this.share.ownLimitBytes = definition.memoryLimitBytes;
    const isSame =
      policy === definition.policy && evictionScope === definition.evictionScope && idleTtlMs === definition.idleTtlMs;
    if (!isSame) this.engine.setPolicy(policyOf(definition));
  }

  get pressure(): Pressure {
    return this.marks.pressureAt(this.engine.usedBytes);
  }

  /** When an entry goes: its expiry; 0 = never. */
  goesAtMs(ref: EntryRef): number {
    return this.engine.expiresAtMs(ref);
  }

  nextSequence(partition: number): number {
    return ++this.sequences[partition];
  }

  /** Takes the sequence given last back, when its event was refused. */
  returnSequence(partition: number): void {
    this.sequences[partition]--;
  }
}

/** A policy that this version's engine does not have is answered with the default one. */
function policyOf({ policy, evictionScope }: TableStore): PolicyOptions {
  return { name: isPolicyName(policy) ? policy : DEFAULT_POLICY.name, scope: evictionScope };
}
