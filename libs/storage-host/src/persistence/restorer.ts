/**
 * Builds a node's stores again from its own log, before it joins its cluster. What it decided is repeated, nothing is
 * decided anew; only where the stores may hold less than before does it evict.
 */
import { type RecoveryVisitor, ReplayFilter, type ShardStart } from '#libs/event-log';
import { EVENT_KINDS, EventReader } from '#libs/events';
import { DecodeError } from '#libs/kernel';
import { EventApplier } from '../event-applier.js';
import type { GroupPosition } from '../group-positions.js';
import type { NodeStores } from '../node-stores.js';
import { PARTITION_STATES, type PartitionOwnership } from '../partition-ownership.js';
import type { HybridClock } from './hybrid-clock.js';

export interface RestorerParts {
  readonly stores: NodeStores;
  /** Undefined where nothing is known of stores and partitions, and so nothing can have been logged. */
  readonly ownership: PartitionOwnership | undefined;
  readonly clock: HybridClock;
  readonly nowMs: number;
  /** Bytes read so far, and of all that is to be read. */
  onProgress(doneBytes: number, totalBytes: number): void;
}

export class Restorer implements RecoveryVisitor {
  /** Records applied. */
  records = 0;
  /** Records of stores that are no more. */
  orphans = 0;
  /** Records that found no room. */
  refused = 0;
  private readonly reader = new EventReader();
  private readonly applier: EventApplier;
  private readonly filter = new ReplayFilter();
  private lastGroup = 0;
  private lastPosition: GroupPosition | undefined;

  constructor(private readonly parts: RestorerParts) {
    this.applier = new EventApplier(parts.stores.pressured);
  }

  onStart(): void {
    for (let partition = 0; partition < (this.parts.ownership?.partitionCount ?? 0); partition++) this.drop(partition);
    this.filter.clear();
    this.applier.begin();
    this.records = 0;
    this.orphans = 0;
    this.refused = 0;
  }

  onShard(shard: ShardStart): void {
    this.checkPartition(shard.partition);
    this.filter.add(shard);
    this.note(shard.group, shard.partition, shard.epoch, shard.sequence);
  }

  onCheckpointRecords(buffer: Uint8Array, offset: number, length: number): void {
    const { reader } = this;
    reader.open(buffer, offset, length);
    while (reader.advance()) this.applyToStore(this.parts.nowMs);
  }

  onLogRecords(buffer: Uint8Array, offset: number, length: number, wallMs: number, logical: number): void {
    const { reader } = this;
    this.parts.clock.witness(wallMs, logical);
    reader.open(buffer, offset, length);
    while (reader.advance()) this.apply(wallMs);
  }

  onProgress(doneBytes: number, totalBytes: number): void {
    this.parts.onProgress(doneBytes, totalBytes);
  }

  private apply(timeMs: number): void {
    const { group, kind, storeId, partition, epoch, sequence } = this.reader;
    this.checkPartition(partition);
    if (kind === EVENT_KINDS.partitionDropped) return this.drop(partition);
    // Copies of entries have no position of their own; the EpochStarted behind them has.
    if (group > 0) this.note(group, partition, epoch, sequence);
    const isContained = group > 0 && this.filter.contains(storeId, partition, epoch, sequence);
    if (kind !== EVENT_KINDS.epochStarted && !isContained) this.applyToStore(timeMs);
  }

  private applyToStore(timeMs: number): void {
    const { reader } = this;
    this.checkPartition(reader.partition);
    this.records++;
    this.setState(reader.partition, PARTITION_STATES.restored);
    const store = this.parts.stores.byId.get(reader.storeId);
    if (store === undefined) this.orphans++;
    else if (!this.applier.apply(store, reader, timeMs)) this.refused++;
  }

  private note(group: number, partition: number, epoch: number, sequence: number): void {
    const { sequences, epochs } = this.positionOf(group);
    sequences[partition] = sequence;
    epochs[partition] = epoch;
    this.setState(partition, PARTITION_STATES.restored);
  }

  /** What the checkpoint has of the partition is gone too, so that nothing of what follows is contained in it. */
  private drop(partition: number): void {
    const { stores } = this.parts;
    for (const [storeId, { entries }] of stores.byId) {
      entries.clear(partition);
      this.filter.remove(storeId, partition);
    }
    stores.positions.reset(partition);
    this.setState(partition, PARTITION_STATES.none);
  }

  private positionOf(group: number): GroupPosition {
    if (group !== this.lastGroup || this.lastPosition === undefined) {
      this.lastGroup = group;
      this.lastPosition = this.parts.stores.positions.of(group);
    }
    return this.lastPosition;
  }

  private setState(partition: number, state: number): void {
    const { ownership } = this.parts;
    if (ownership !== undefined) ownership.states[partition] = state;
  }

  private checkPartition(partition: number): void {
    const { ownership } = this.parts;
    if (ownership === undefined) throw new DecodeError('records without a table of the stores that they belong to');
    if (partition < ownership.partitionCount) return;
    throw new DecodeError(`partition ${partition}, of ${ownership.partitionCount} that there are`);
  }
}
