/**
 * Writes one checkpoint while the host goes on: the host hands over shard after shard in bounded steps, as long as there is room;
 * one buffer is filled while the other one is being written. What a shard's entries show is some state between the shard's
 * begin and the checkpoint's end, for each entry another one: so before the footer is written, the log is synced up to where
 * it stands then, and replaying begins at the shard's sequence. (Copies of old bodies, for a state at one instant, were rejected:
 * ADR 0016.)
 */
import { assert, ByteWriter } from '#libs/kernel';
import type { Disk, DiskError, DiskFile } from '#libs/ports';
import { sealBlock } from './block.js';
import { EVENT_LOG_BOUNDS } from './bounds.js';
import {
  checkpointSeed,
  CHUNK_HEADER_BYTES,
  CHUNK_KINDS,
  writeCheckpointHead,
  writeChunkFields,
  writeFooter,
  writeShardStart,
  type CheckpointHead,
  type ShardStart,
} from './checkpoint-format.js';
import type { EventLogError } from './event-log-error.js';
import type { LogPosition, LogTime } from './log-position.js';

export type CheckpointCallback = (error: DiskError | EventLogError | undefined) => void;

export interface CheckpointHooks {
  /** There is room again for {@link CheckpointWriter.records}. */
  onRoom(): void;
  /** All that was logged so far is durable, up to this place; answers the latest time too. */
  whenLogSynced(done: (error: DiskError | EventLogError | undefined, to: LogPosition, latest: LogTime) => void): void;
  /** The file is durable, or was given up. Called once. */
  onEnd: CheckpointCallback;
}

export class CheckpointWriter {
  /** Of the file, as far as it was handed over. */
  bytes = 0;
  private file: DiskFile | undefined;
  private filling = new ByteWriter();
  private flying = new ByteWriter();
  /** Where the open chunk begins in `filling`. */
  private chunkAt = -1;
  private chunks = 0;
  private shards = 0;
  private isInShard = false;
  private shardBytes = 0;
  private recordBytes = 0;
  private unsyncedBytes = 0;
  private isWriting = false;
  /** Shards come; what was collected is being written; the log is being synced; the footer is being written; nothing more. */
  private state: 'collecting' | 'draining' | 'waiting' | 'footer' | 'over' = 'collecting';
  private readonly seed: number;

  constructor(
    disk: Disk,
    path: string,
    head: CheckpointHead,
    private readonly hooks: CheckpointHooks,
  ) {
    this.seed = checkpointSeed(head);
    writeCheckpointHead(this.filling, head);
    disk.open(path, { create: true }, (error, file) => {
      if (error !== undefined) return this.end(error);
      if (this.state === 'over') return file.close(() => undefined);
      this.file = file;
      if (this.state === 'collecting') this.hooks.onRoom();
      this.write();
    });
  }

  /** Whether {@link records} may be called; false also once the checkpoint was given up. */
  get hasRoom(): boolean {
    const { file, state, filling } = this;
    return file !== undefined && state === 'collecting' && filling.length < EVENT_LOG_BOUNDS.checkpointWriteBytes;
  }

  get isOver(): boolean {
    return this.state === 'over';
  }

  /** All that its entries can show is durable in the log. */
  get isLogSynced(): boolean {
    return this.state === 'footer';
  }

  /** Begins a shard's part. `sequence` is that of its last event before the first call of {@link records}. */
  shard(start: ShardStart): void {
    if (this.state === 'over') return;
    assert(this.state === 'collecting' && !this.isInShard, 'a shard is begun between two others');
    this.isInShard = true;
    this.shards++;
    this.shardBytes = 0;
    this.beginChunk(CHUNK_KINDS.shard);
    writeShardStart(this.filling, start);
    this.sealChunk();
  }

  /** Whole records of the shard, at most a chunk's bytes unless it is one record. To be called only while there is room. */
  records(buffer: Uint8Array, offset: number, length: number): void {
    if (this.state === 'over') return;
    assert(this.isInShard && this.hasRoom, 'records come for a shard, and while there is room');
    assert(length <= EVENT_LOG_BOUNDS.maxBatchBytes, `records of ${length} bytes`);
    if (this.chunkAt >= 0 && this.openBytes + length > EVENT_LOG_BOUNDS.checkpointChunkBytes) this.sealChunk();
    if (this.chunkAt < 0) this.beginChunk(CHUNK_KINDS.records);
    this.filling.bytes(buffer, offset, length);
    this.shardBytes += length;
    this.recordBytes += length;
    this.write();
  }

  shardEnd(): void {
    if (this.state === 'over') return;
    assert(this.isInShard, 'no shard was begun');
    this.isInShard = false;
    if (this.chunkAt >= 0) this.sealChunk();
    this.beginChunk(CHUNK_KINDS.shardEnd);
    this.filling.u53(this.shardBytes);
    this.sealChunk();
    this.write();
  }

  /** All shards are in: makes the checkpoint complete. */
  finish(): void {
    if (this.state === 'over') return;
    assert(this.state === 'collecting' && !this.isInShard, 'a checkpoint ends after its last shard');
    this.state = 'draining';
    this.write();
  }

  /** Gives it up. */
  abort(error: DiskError | EventLogError): void {
    this.end(error);
  }

  private get openBytes(): number {
    return this.filling.length - this.chunkAt - CHUNK_HEADER_BYTES;
  }

  private beginChunk(kind: number): void {
    const { filling } = this;
    filling.reserve(CHUNK_HEADER_BYTES);
    this.chunkAt = filling.length;
    writeChunkFields(filling.view, this.chunkAt, this.chunks++, kind);
    filling.length += CHUNK_HEADER_BYTES;
  }

  private sealChunk(): void {
    const { buffer, view } = this.filling;
    sealBlock(buffer, view, this.chunkAt, CHUNK_HEADER_BYTES, this.openBytes, this.seed);
    this.chunkAt = -1;
  }

  /** Writes what was collected once that is enough, or all there is. */
  private write(): void {
    const { file, filling, flying, state } = this;
    if (file === undefined || this.isWriting) return;
    if (filling.length === 0) return this.drained();
    if (state === 'collecting' && filling.length < EVENT_LOG_BOUNDS.checkpointWriteBytes) return;
    if (this.chunkAt >= 0) this.sealChunk();
    this.filling = flying;
    this.flying = filling;
    this.isWriting = true;
    this.bytes += filling.length;
    file.append(filling.written(), (error) => this.written(error));
  }

  private written(error: DiskError | undefined): void {
    this.isWriting = false;
    if (this.state === 'over') return;
    if (error !== undefined) return this.end(error);
    this.unsyncedBytes += this.flying.length;
    this.flying.reset();
    const hadRoom = this.hasRoom;
    this.syncSometimes();
    this.write();
    if (!hadRoom && this.hasRoom) this.hooks.onRoom();
  }

  private syncSometimes(): void {
    if (this.unsyncedBytes < EVENT_LOG_BOUNDS.checkpointSyncBytes) return;
    this.unsyncedBytes = 0;
    this.file?.sync((error) => error !== undefined && this.end(error));
  }

  /** Nothing is left to write: time for the footer, or for the last sync. */
  private drained(): void {
    if (this.state === 'draining') {
      this.state = 'waiting';
      this.hooks.whenLogSynced((error, replayTo, latest) => {
        if (error !== undefined) this.end(error);
        else if (this.state === 'waiting') this.writeFooter(replayTo, latest);
      });
    } else if (this.state === 'footer') {
      this.file?.sync((error) => this.end(error));
    }
  }

  private writeFooter(replayTo: LogPosition, latest: LogTime): void {
    const { shards, recordBytes } = this;
    this.state = 'footer';
    this.beginChunk(CHUNK_KINDS.footer);
    writeFooter(this.filling, { shards, recordBytes, replayTo, latest });
    this.write();
  }

  private end(error: DiskError | EventLogError | undefined): void {
    if (this.state === 'over') return;
    this.state = 'over';
    this.file?.close(() => undefined);
    this.hooks.onEnd(error);
  }
}
