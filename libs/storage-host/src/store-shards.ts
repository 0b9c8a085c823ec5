import type { TableStore } from '#libs/cluster';
import { StoreEngine } from '#libs/engine';

/** One store on this node: its engine, and the event sequence of each of its shards. */
export class StoreShards {
  readonly engine: StoreEngine;
  /** The last event sequence of each shard, indexed by partition. */
  readonly sequences: Float64Array;

  constructor(
    public definition: TableStore,
    partitionCount: number,
    hashSeed: number,
    nodeMemoryBytes: number,
  ) {
    this.engine = new StoreEngine({ partitionCount, hashSeed, limitBytes: limitOf(definition, nodeMemoryBytes) });
    this.sequences = new Float64Array(partitionCount);
  }

  /** Follows a changed definition; a lower limit refuses new data, it removes none. */
  redefine(definition: TableStore, nodeMemoryBytes: number): void {
    const { memoryLimitBytes } = this.definition;
    this.definition = definition;
    if (memoryLimitBytes !== definition.memoryLimitBytes) this.engine.setLimit(limitOf(definition, nodeMemoryBytes));
  }

  nextSequence(partition: number): number {
    return ++this.sequences[partition];
  }

  /** Takes the sequence given last back, when its event was refused. */
  returnSequence(partition: number): void {
    this.sequences[partition]--;
  }
}

function limitOf(definition: TableStore, nodeMemoryBytes: number): number {
  return definition.memoryLimitBytes === 0 ? nodeMemoryBytes : definition.memoryLimitBytes;
}
