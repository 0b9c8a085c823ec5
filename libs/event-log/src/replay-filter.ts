import type { ShardStart } from './checkpoint-format.js';

const PARTITIONS = 0x1_0000;

/** Which records of the log a checkpoint's shards contain already, by store, partition, epoch and sequence. */
export class ReplayFilter {
  private readonly starts = new Map<number, ShardStart>();

  clear(): void {
    this.starts.clear();
  }

  add(shard: ShardStart): void {
    this.starts.set(shard.storeId * PARTITIONS + shard.partition, shard);
  }

  /** What the checkpoint has of a shard does not count any more: what follows begins it anew. */
  remove(storeId: number, partition: number): void {
    this.starts.delete(storeId * PARTITIONS + partition);
  }

  /** True where the record lies at or before the place where its shard's part of the checkpoint began. */
  contains(storeId: number, partition: number, epoch: number, sequence: number): boolean {
    const start = this.starts.get(storeId * PARTITIONS + partition);
    if (start === undefined) return false;
    return epoch < start.epoch || (epoch === start.epoch && sequence <= start.sequence);
  }
}
