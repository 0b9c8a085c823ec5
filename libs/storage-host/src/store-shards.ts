import type { TableStore } from '#libs/cluster';
import { StoreEngine } from '#libs/engine';

/** One store on this node: its engine, and the event sequence of each of its shards. */
export class StoreShards {
  readonly engine: StoreEngine;
  /** The last event sequence of each shard, indexed by partition. */
  readonly sequences: Float64Array;

  constructor(
    readonly definition: TableStore,
    partitionCount: number,
    hashSeed: number,
    nodeMemoryBytes: number,
  ) {
    const limitBytes = definition.memoryLimitBytes === 0 ? nodeMemoryBytes : definition.memoryLimitBytes;
    this.engine = new StoreEngine({ partitionCount, hashSeed, limitBytes });
    this.sequences = new Float64Array(partitionCount);
  }

  nextSequence(partition: number): number {
    return ++this.sequences[partition];
  }

  /** Takes the sequence given last back, when its event was refused. */
  returnSequence(partition: number): void {
    this.sequences[partition]--;
  }
}
