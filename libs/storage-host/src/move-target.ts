import { type EventBatch, EventReader } from '#libs/events';
import { ByteWriter, DecodeError } from '#libs/kernel';
import { encodeMoveAck, MOVE_HEADER_BYTES, MOVE_KINDS, type MoveHeader, readMoveEnd, readMoveHeader } from '#libs/wire';
import { EventApplier } from './event-applier.js';
import type { PressuredWrite } from './pressured-write.js';
import type { StoreShards } from './store-shards.js';
import { PARTITION_STATES, type PartitionOwnership } from './partition-ownership.js';

interface IncomingMove {
  /** The table version that began the move. */
  readonly token: number;
  readonly epoch: number;
  nextIndex: number;
  complete: boolean;
}

/**
 * Takes partition copies in: entries go straight into this node's shard of the partition, which nobody can reach until
 * the coordinator's table makes this node its primary.
 */
export class MoveTarget {
  private readonly moves = new Map<number, IncomingMove>();
  private readonly reader = new EventReader();
  private readonly writer = new ByteWriter();
  private readonly applier: EventApplier;

  constructor(
    private readonly ownership: PartitionOwnership,
    private readonly stores: ReadonlyMap<number, StoreShards>,
    /** Whether the table counts this very process: one that it does not count yet would drop the copy with the next table. */
    private readonly isMember: () => boolean,
    pressured: PressuredWrite,
    private readonly shardTimeMs: () => number,
    private readonly incarnation: number,
    /** Where the node's log learns of what arrives. */
    private readonly batch: EventBatch,
  ) {
    this.applier = new EventApplier(pressured);
  }

  /** Applies one MOVE frame and answers its acknowledgement. */
  onFrame(frame: Uint8Array): Uint8Array {
    const header = readMoveHeader(frame);
    const { partition, epoch, token, index } = header;
    const { incarnation } = this;
    const accepted = partition < this.ownership.partitionCount && this.apply(header, frame);
    return encodeMoveAck(this.writer, { partition, epoch, token, index, accepted, incarnation });
  }

  /** Whether the whole copy of a partition has arrived. */
  isComplete(partition: number): boolean {
    return this.moves.get(partition)?.complete === true;
  }

  /**
   * Whether a copy is arriving that this table cannot know of, because the move began with a later one: tables and copies
   * come on different connections.
   */
  isAheadOf(tableVersion: number, partition: number): boolean {
    const move = this.moves.get(partition);
    return move !== undefined && move.token > tableVersion;
  }

  /** The copy has become this node's partition, or is of no use any more. */
  forget(partition: number): void {
    this.moves.delete(partition);
  }

  /** Drops what this node has of the partition, in its log too. */
  clearShard(partition: number): void {
    let isEmpty = true;
    for (const store of this.stores.values()) {
      isEmpty &&= store.engine.count(partition) === 0 && store.sequences[partition] === 0;
      store.entries.clear(partition);
      store.sequences[partition] = 0;
    }
    if (!isEmpty) this.batch.partitionDropped(partition);
  }

  private apply(header: MoveHeader, frame: Uint8Array): boolean {
    if (header.kind === MOVE_KINDS.begin) return this.begin(header);
    const move = this.moves.get(header.partition);
    if (move === undefined || move.token !== header.token || move.epoch !== header.epoch) return false;
    if (header.index < move.nextIndex) return true;
    if (header.index > move.nextIndex || move.complete) return false;
    const applied =
      header.kind === MOVE_KINDS.records
        ? this.applyRecords(header.partition, frame)
        : this.complete(move, header, frame);
    if (applied) move.nextIndex++;
    return applied;
  }

  private begin({ partition, epoch, token }: MoveHeader): boolean {
    const { states } = this.ownership;
    const current = this.moves.get(partition);
    if (current?.token === token) return true;
    if (current !== undefined && token < current.token) return false;
    if (!this.isMember()) return false;
    if (epoch < this.ownership.epochs[partition]) return false;
    if (states[partition] === PARTITION_STATES.serving || states[partition] === PARTITION_STATES.sealed) return false;
    this.clearShard(partition);
    states[partition] = PARTITION_STATES.receiving;
    this.moves.set(partition, { token, epoch, nextIndex: 1, complete: false });
    return true;
  }

  private applyRecords(partition: number, frame: Uint8Array): boolean {
    const { reader, applier } = this;
    reader.open(frame, MOVE_HEADER_BYTES);
    applier.begin();
    while (reader.advance()) {
      if (reader.partition !== partition) throw new DecodeError('a move carries entries of one partition');
      const store = this.stores.get(reader.storeId);
      if (store === undefined || !applier.apply(store, reader, this.shardTimeMs())) return false;
    }
    applier.end();
    this.batch.addRecords(frame, MOVE_HEADER_BYTES, frame.length - MOVE_HEADER_BYTES);
    return true;
  }

  private complete(move: IncomingMove, header: MoveHeader, frame: Uint8Array): boolean {
    for (const [storeId, sequence] of readMoveEnd(frame)) {
      const store = this.stores.get(storeId);
      if (store !== undefined) store.sequences[header.partition] = sequence;
    }
    move.complete = true;
    return true;
  }
}
