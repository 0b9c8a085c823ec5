/**
 * Walks over a node's shards for a checkpoint, in steps that are short enough not to be noticed, while operations go on. Each
 * step collects some entries as they are; what changes is in the log, with which the checkpoint begins.
 */
import type { CheckpointWriter } from '#libs/event-log';
import { EventBatch } from '#libs/events';
import type { TimerHandle, Timers } from '#libs/ports';
import type { NodeStores } from '../node-stores.js';
import { CopyPosition, ShardCopier } from '../shard-copier.js';
import type { StoreShards } from '../store-shards.js';

/** Collected in one step, give or take some entries. */
const STEP_BYTES = 32 * 1024;
/** Shards that one step looks at, small ones and empty ones. */
const STEP_SHARDS = 32;

interface Shard {
  readonly store: StoreShards;
  readonly partition: number;
  readonly position: CopyPosition;
}

export class CheckpointWalk {
  private readonly records = new EventBatch();
  private readonly copier = new ShardCopier(this.records, STEP_BYTES);
  private readonly shards: Iterator<Shard>;
  private current: Shard | undefined;
  private next: TimerHandle | undefined;

  constructor(
    /** Of the checkpoint that has just been begun. */
    private readonly writer: CheckpointWriter,
    private readonly stores: NodeStores,
    private readonly timers: Timers,
  ) {
    this.shards = shardsOf(stores);
  }

  /** To be called when the writer has room. */
  goOn(): void {
    this.next ??= this.timers.after(0, () => {
      this.next = undefined;
      this.step();
    });
  }

  stop(): void {
    this.next?.cancel();
  }

  private step(): void {
    const { writer } = this;
    let bytes = 0;
    for (let shards = 0; shards < STEP_SHARDS && bytes < STEP_BYTES && writer.hasRoom; shards++) {
      this.current ??= this.begin();
      if (this.current === undefined) return writer.finish();
      bytes += this.collect(this.current);
    }
    if (writer.hasRoom) this.goOn();
  }

  /** The next shard; undefined behind the last. */
  private begin(): Shard | undefined {
    const { done, value } = this.shards.next();
    if (done === true) return undefined;
    const { store, partition } = value;
    const group = this.stores.groups[store.definition.id];
    const { sequences, epochs } = this.stores.positions.of(group);
    this.writer.shard({
      storeId: store.definition.id,
      partition,
      group,
      epoch: epochs[partition],
      sequence: sequences[partition],
    });
    return value;
  }

  /** Answers how many bytes have come. */
  private collect({ store, position }: Shard): number {
    const { records, writer } = this;
    const isMore = this.copier.collect(position, [store]);
    if (isMore) writer.records(records.writer.buffer, 0, records.length);
    else {
      writer.shardEnd();
      this.current = undefined;
    }
    return records.length;
  }
}

/** All that this node has anything of, also where it is only the position in the log. */
function* shardsOf({ byId, positions }: NodeStores): Generator<Shard> {
  for (const store of byId.values()) {
    for (let partition = 0; partition < positions.partitionCount; partition++) {
      if (store.sequences[partition] > 0) yield { store, partition, position: new CopyPosition(partition) };
    }
  }
}
