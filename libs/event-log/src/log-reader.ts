/**
 * Reads the log from a segment on while it is being written, for replicas that catch up and for feeds: bounded pieces, up to
 * what has been written, and on from there later. It pins its segment, so that none is removed under it.
 */
import { assert } from '#libs/kernel';
import type { Disk, DiskError, DiskFile } from '#libs/ports';
import { BlockParser } from './block-parser.js';
import { EVENT_LOG_BOUNDS } from './bounds.js';
import { EventLogError, ioError } from './event-log-error.js';
import type { FileNames } from './file-names.js';
import { readInSteps } from './file-steps.js';
import { BATCH_FORMAT } from './log-replay.js';
import type { LogPosition } from './log-position.js';
import { BATCH_HEADER_BYTES, batchLogical, batchWallMs, SEGMENT_HEADER_BYTES, segmentSeed } from './segment-format.js';
import type { SegmentTable } from './segment-table.js';

export interface LogReaderVisitor {
  /** Whole event records of many shards: one batch, as it was appended. The buffer must not be kept. */
  onLogRecords(buffer: Uint8Array, offset: number, length: number, wallMs: number, logical: number): void;
  /** Something that came before this place is missing: only a checkpoint has it. */
  onGap(segment: number): void;
}

export interface LogReaderParts {
  readonly disk: Disk;
  readonly names: FileNames;
  readonly logId: number;
  readonly segments: SegmentTable;
  /** Segments may have become removable. */
  onUnpinned(): void;
}

export class LogReader {
  private segment: number;
  private offset = SEGMENT_HEADER_BYTES;
  private file: DiskFile | undefined;
  private isReading = false;
  private isClosed = false;

  /** The segment must be there, or the next one to come, and be pinned for this reader, which unpins it. */
  constructor(
    private readonly parts: LogReaderParts,
    from: number,
  ) {
    this.segment = from;
  }

  get position(): LogPosition {
    return { segment: this.segment, bytes: this.offset };
  }

  /** Reads on by a piece; one call at a time. `isAtEnd`: there is no more at the moment. */
  read(visitor: LogReaderVisitor, done: (error: EventLogError | undefined, isAtEnd: boolean) => void): void {
    assert(!this.isReading && !this.isClosed, 'a reader reads one piece at a time');
    this.isReading = true;
    const finish = (error: EventLogError | undefined, isAtEnd: boolean): void => {
      this.isReading = false;
      if (this.isClosed) this.release();
      done(error, isAtEnd);
    };
    const end = this.moveOn(visitor);
    if (end === undefined) return finish(undefined, true);
    if (this.file !== undefined) return this.readFrom(this.file, end, visitor, finish);
    const path = this.parts.names.segment(this.segment);
    this.parts.disk.open(path, { create: false }, (error, file) => {
      if (error !== undefined) return finish(ioError(error), false);
      this.file = file;
      this.readFrom(file, end, visitor, finish);
    });
  }

  /** What is under way is finished first. */
  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    if (!this.isReading) this.release();
  }

  /** To the next segment where this one is read; answers how far may be read, undefined where nothing more is there. */
  private moveOn(visitor: LogReaderVisitor): number | undefined {
    const { segments } = this.parts;
    for (;;) {
      const info = segments.find(this.segment);
      if (info === undefined) return undefined;
      if (this.offset < info.bytes) return info.bytes;
      const next = segments.find(this.segment + 1);
      if (next === undefined) return undefined;
      this.pinNext();
      if (next.isDetached) visitor.onGap(next.number);
    }
  }

  private pinNext(): void {
    const { segments, onUnpinned } = this.parts;
    this.closeFile();
    segments.pin(this.segment + 1);
    segments.unpin(this.segment);
    this.segment++;
    this.offset = SEGMENT_HEADER_BYTES;
    onUnpinned();
  }

  /** At least one batch; of those that are read in part, the next call reads the whole. */
  private readFrom(
    file: DiskFile,
    end: number,
    visitor: LogReaderVisitor,
    finish: (error: EventLogError | undefined, isAtEnd: boolean) => void,
  ): void {
    const { segment, offset } = this;
    const seed = segmentSeed({ number: segment, logId: this.parts.logId });
    const parser = new BlockParser(BATCH_FORMAT, seed, offset, end, (buffer, view, at, length) => {
      const bodyAt = at + BATCH_HEADER_BYTES;
      visitor.onLogRecords(buffer, bodyAt, length, batchWallMs(view, at), batchLogical(view, at));
    });
    const take = (piece: Uint8Array): boolean => {
      parser.take(piece);
      return parser.fault === undefined && parser.offset === offset;
    };
    readInSteps(file, offset, end, EVENT_LOG_BOUNDS.readerBytes, take, (error: DiskError | undefined) => {
      this.offset = parser.offset;
      if (error !== undefined) return finish(ioError(error), false);
      if (parser.fault === undefined && parser.offset === offset) parser.finishFile();
      const { fault } = parser;
      if (fault === undefined) return finish(undefined, false);
      finish(new EventLogError('damaged', file.path, fault.offset, fault.problem), false);
    });
  }

  private release(): void {
    const { segments, onUnpinned } = this.parts;
    this.closeFile();
    segments.unpin(this.segment);
    onUnpinned();
  }

  private closeFile(): void {
    this.file?.close(() => undefined);
    this.file = undefined;
  }
}
