/**
 * Hands a checkpoint's content to the visitor, and checks every byte of it on the way: each chunk by its checksums and its place,
 * each shard and the whole by their counts.
 */
import { DecodeError } from '#libs/kernel';
import type { Disk } from '#libs/ports';
import { EVENT_LOG_BOUNDS } from './bounds.js';
import { BlockParser, type BlockFault } from './block-parser.js';
import {
  CHECKPOINT_HEADER_BYTES,
  checkpointSeed,
  CHUNK_HEADER_BYTES,
  CHUNK_KINDS,
  chunkIndex,
  chunkKind,
  MIN_CHUNK_BODY_BYTES,
  readFooter,
  readShardEnd,
  readShardStart,
} from './checkpoint-format.js';
import { EventLogError, ioError } from './event-log-error.js';
import { readInSteps } from './file-steps.js';
import type { FoundCheckpoint } from './log-folder.js';
import { withFile } from './opened-file.js';
import type { RecoveryVisitor } from './recovery-visitor.js';

const CHUNK_FORMAT = {
  headerBytes: CHUNK_HEADER_BYTES,
  minBodyBytes: MIN_CHUNK_BODY_BYTES,
  maxBodyBytes: EVENT_LOG_BOUNDS.maxBatchBytes,
};

export class CheckpointLoader {
  private readonly parser: BlockParser;
  private chunks = 0;
  private shards = 0;
  private isInShard = false;
  private shardBytes = 0;
  private recordBytes = 0;
  private isComplete = false;

  constructor(
    private readonly disk: Disk,
    private readonly path: string,
    private readonly checkpoint: FoundCheckpoint,
    private readonly visitor: RecoveryVisitor,
    private readonly onBytes: (bytes: number) => void,
  ) {
    const { head, fileBytes } = checkpoint;
    this.parser = new BlockParser(
      CHUNK_FORMAT,
      checkpointSeed(head),
      CHECKPOINT_HEADER_BYTES,
      fileBytes,
      (buffer, view, at, length) => this.chunk(buffer, view, at, length),
    );
  }

  /** `damaged` where the content does not read: what the visitor got then is void. */
  load(done: (error: EventLogError | undefined) => void): void {
    const { path } = this;
    let fault: BlockFault | undefined;
    withFile<void>(
      this.disk,
      path,
      (file, finish) => {
        const take = (piece: Uint8Array): boolean => {
          fault = this.take(piece);
          this.onBytes(piece.length);
          return fault === undefined;
        };
        const { fileBytes } = this.checkpoint;
        readInSteps(file, CHECKPOINT_HEADER_BYTES, fileBytes, EVENT_LOG_BOUNDS.recoveryReadBytes, take, finish);
      },
      (error) => {
        if (error !== undefined) return done(ioError(error));
        if (fault === undefined && !this.isComplete)
          fault = { offset: this.parser.offset, problem: 'it ends too early' };
        done(fault && new EventLogError('damaged', path, fault.offset, fault.problem));
      },
    );
  }

  private take(piece: Uint8Array): BlockFault | undefined {
    const { parser } = this;
    try {
      parser.take(piece);
      return parser.fault;
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      return { offset: parser.offset, problem: error.message };
    }
  }

  private chunk(buffer: Uint8Array, view: DataView, at: number, length: number): void {
    if (this.isComplete || chunkIndex(view, at) !== this.chunks++) throw new DecodeError('a chunk is out of its place');
    const bodyAt = at + CHUNK_HEADER_BYTES;
    const kind = chunkKind(view, at);
    if (kind === CHUNK_KINDS.shard) this.shard(buffer, bodyAt, length);
    else if (kind === CHUNK_KINDS.records) this.records(buffer, bodyAt, length);
    else if (kind === CHUNK_KINDS.shardEnd) this.shardEnd(buffer, bodyAt, length);
    else if (kind === CHUNK_KINDS.footer) this.footer(buffer, bodyAt, length);
    else throw new DecodeError(`a chunk of the unknown kind ${kind}`);
  }

  private shard(buffer: Uint8Array, at: number, length: number): void {
    const start = readShardStart(buffer, at, length);
    this.requireShard(false);
    this.isInShard = true;
    this.shards++;
    this.shardBytes = 0;
    this.visitor.onShard(start);
  }

  private records(buffer: Uint8Array, at: number, length: number): void {
    this.requireShard(true);
    this.shardBytes += length;
    this.visitor.onCheckpointRecords(buffer, at, length);
  }

  private shardEnd(buffer: Uint8Array, at: number, length: number): void {
    this.requireShard(true);
    if (readShardEnd(buffer, at, length) !== this.shardBytes) throw new DecodeError('a shard is not whole');
    this.isInShard = false;
    this.recordBytes += this.shardBytes;
  }

  private footer(buffer: Uint8Array, at: number, length: number): void {
    this.requireShard(false);
    const { shards, recordBytes } = readFooter(buffer, at, length);
    const isWhole = shards === this.shards && recordBytes === this.recordBytes;
    if (!isWhole) throw new DecodeError('its counts differ from its footer');
    this.isComplete = true;
  }

  private requireShard(isInside: boolean): void {
    if (this.isInShard !== isInside) throw new DecodeError('a chunk is out of its place');
  }
}
