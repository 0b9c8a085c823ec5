import { ABSENT, checkEntryValue } from '#libs/engine';
import { EVENT_KINDS, EventReader, type KeyedBody, readKeyedBody } from '#libs/events';
import { ByteWriter, DecodeError } from '#libs/kernel';
import { encodeMoveAck, MOVE_HEADER_BYTES, MOVE_KINDS, type MoveHeader, readMoveEnd, readMoveHeader } from '#libs/wire';
import { ArrivingCollections } from './arriving-collections.js';
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
  private readonly body: KeyedBody = { database: 0, timeMs: 0, keyOffset: 0, keyLength: 0 };
  private readonly collections: ArrivingCollections;

  constructor(
    private readonly ownership: PartitionOwnership,
    private readonly stores: ReadonlyMap<number, StoreShards>,
    /** Whether the table counts this very process: one that it does not count yet would drop the copy with the next table. */
    private readonly isMember: () => boolean,
    private readonly pressured: PressuredWrite,
    private readonly shardTimeMs: () => number,
    private readonly incarnation: number,
  ) {
    this.collections = new ArrivingCollections(pressured);
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

  clearShard(partition: number): void {
    for (const store of this.stores.values()) {
      store.entries.clear(partition);
      store.sequences[partition] = 0;
    }
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
    if (states[partition] !== PARTITION_STATES.none && states[partition] !== PARTITION_STATES.receiving) return false;
    this.clearShard(partition);
    states[partition] = PARTITION_STATES.receiving;
    this.moves.set(partition, { token, epoch, nextIndex: 1, complete: false });
    return true;
  }

  private applyRecords(partition: number, frame: Uint8Array): boolean {
    const { reader, collections } = this;
    reader.open(frame, MOVE_HEADER_BYTES);
    collections.beginFrame();
    while (reader.advance()) {
      if (reader.partition !== partition) throw new DecodeError('a move carries entries of one partition');
      const store = this.stores.get(reader.storeId);
      if (store === undefined || !this.applyRecord(store, partition)) return false;
    }
    collections.expectWhole();
    return true;
  }

  private applyRecord(store: StoreShards, partition: number): boolean {
    const { reader, collections } = this;
    if (reader.kind === EVENT_KINDS.collectionUnit) return collections.apply(store, reader, this.shardTimeMs());
    collections.expectWhole();
    if (reader.kind === EVENT_KINDS.entrySet) return this.applyEntry(store, partition);
    if (reader.kind !== EVENT_KINDS.entryCreated && reader.kind !== EVENT_KINDS.entryModified)
      throw new DecodeError(`a move carries only entries, not events of kind ${reader.kind}`);
    this.applyTime(store, partition);
    return true;
  }

  /** A full node makes room for what it takes over by evicting of what it has. */
  private applyEntry(store: StoreShards, partition: number): boolean {
    const { sequence, buffer, bodyOffset, bodyLength } = this.reader;
    checkEntryValue(buffer, bodyOffset, bodyLength);
    const nowMs = this.shardTimeMs();
    const apply = (): boolean => store.entries.set(partition, sequence & 0xffff, buffer, bodyOffset, bodyLength, nowMs);
    const isTight = store.engine.usedBytes >= store.marks.backPressureBytes;
    if (!isTight && apply()) return true;
    return this.pressured.makeRoomAndApply(store, bodyLength, nowMs, apply) === 'made';
  }

  /** An entry has not become younger by its move: its absolute lifetime goes on from where it was. */
  private applyTime({ engine }: StoreShards, partition: number): void {
    const { body, reader } = this;
    readKeyedBody(reader, body);
    const ref = engine.find(partition, body.database, reader.buffer, body.keyOffset, body.keyLength);
    if (ref === ABSENT) return;
    // The other node's clock may be ahead of this one's.
    const timeMs = Math.min(body.timeMs, this.shardTimeMs());
    if (reader.kind === EVENT_KINDS.entryCreated) engine.times.setCreated(partition, ref, timeMs);
    else engine.times.setModified(partition, ref, timeMs);
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
