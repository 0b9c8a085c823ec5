/**
 * Hands the log's batches to the visitor, segment by segment, as far as they are whole and continue each other. Decides nothing:
 * it says where the reading ended and why.
 */
import { DecodeError } from '#libs/kernel';
import type { Disk, DiskCallback, DiskFile } from '#libs/ports';
import { BlockParser } from './block-parser.js';
import { EVENT_LOG_BOUNDS } from './bounds.js';
import { type EventLogError, ioError } from './event-log-error.js';
import { readInSteps } from './file-steps.js';
import type { FileNames } from './file-names.js';
import type { FoundSegment } from './log-folder.js';
import { later, laterTime, LOG_START, type LogPosition, type LogTime } from './log-position.js';
import { withFile } from './opened-file.js';
import type { RecoveryVisitor } from './recovery-visitor.js';
import {
  BATCH_HEADER_BYTES,
  batchLogical,
  batchWallMs,
  durableOf,
  MIN_BATCH_BODY_BYTES,
  SEGMENT_HEADER_BYTES,
  segmentSeed,
  type SegmentHead,
} from './segment-format.js';
import type { SegmentTable } from './segment-table.js';

export const BATCH_FORMAT = {
  headerBytes: BATCH_HEADER_BYTES,
  minBodyBytes: MIN_BATCH_BODY_BYTES,
  maxBodyBytes: EVENT_LOG_BOUNDS.maxBatchBytes,
};

export interface ReplayStop {
  readonly reason:
    /** Something does not read. */
    | 'fault'
    /** A segment is not there, and later ones are. */
    | 'missing'
    /** The next segment is whole, and does not continue what came before. */
    | 'detached'
    /** What it says, the visitor cannot take: never a torn write. */
    | 'refused';
  readonly at: LogPosition;
  readonly problem: string;
}

export class LogReplay {
  batches = 0;
  latest: LogTime = { wallMs: 0, logical: 0 };
  /** The furthest place that any batch says was durable. */
  durable: LogPosition = LOG_START;
  /** Where reading stopped before the end of the last segment; undefined where it did not. */
  stop: ReplayStop | undefined;

  /** What is whole is entered into `table`. Begins with this checkpoint, 0 for nothing. */
  constructor(
    private readonly disk: Disk,
    private readonly names: FileNames,
    private readonly visitor: RecoveryVisitor,
    private readonly table: SegmentTable,
    private readonly checkpoint: number,
    private readonly onBytes: (bytes: number) => void,
  ) {}

  /** Segments from the one behind the table's last on, ascending. */
  run(segments: readonly FoundSegment[], done: (error: EventLogError | undefined) => void, at = 0): void {
    const segment = segments[at];
    if (segment === undefined) return done(undefined);
    const { head } = segment;
    this.stop = stopBefore(segment, this.table.lastNumber + 1, this.checkpoint);
    if (this.stop !== undefined || typeof head === 'string') return done(undefined);
    this.replay(segment, head, endOf(segment, segments[at + 1]), (error) => {
      if (error !== undefined) return done(ioError(error));
      if (this.stop === undefined) this.run(segments, done, at + 1);
      else done(undefined);
    });
  }

  private replay({ number }: FoundSegment, head: SegmentHead, end: number, done: DiskCallback): void {
    const seed = segmentSeed(head);
    const parser = new BlockParser(BATCH_FORMAT, seed, SEGMENT_HEADER_BYTES, end, (buffer, view, at, length) =>
      this.batch(buffer, view, at, length),
    );
    const read = (file: DiskFile, finish: DiskCallback): void => {
      const take = (piece: Uint8Array): boolean => this.take(parser, number, piece);
      readInSteps(file, SEGMENT_HEADER_BYTES, end, EVENT_LOG_BOUNDS.recoveryReadBytes, take, finish);
    };
    withFile(this.disk, this.names.segment(number), read, (error) => {
      if (error !== undefined) return done(error);
      if (this.stop === undefined) parser.finishFile();
      const { fault, offset } = parser;
      const at = { segment: number, bytes: offset };
      if (fault !== undefined) this.stop = { reason: 'fault', at, problem: fault.problem };
      this.table.grow(number, offset, head.neededCheckpoint > 0);
      done(undefined);
    });
  }

  private take(parser: BlockParser, number: number, piece: Uint8Array): boolean {
    try {
      parser.take(piece);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.stop = { reason: 'refused', at: { segment: number, bytes: parser.offset }, problem: error.message };
    }
    this.onBytes(piece.length);
    return this.stop === undefined && parser.fault === undefined;
  }

  private batch(buffer: Uint8Array, view: DataView, at: number, length: number): void {
    const [wallMs, logical] = [batchWallMs(view, at), batchLogical(view, at)];
    this.visitor.onLogRecords(buffer, at + BATCH_HEADER_BYTES, length, wallMs, logical);
    this.latest = laterTime(this.latest, { wallMs, logical });
    this.durable = later(this.durable, durableOf(view, at));
    this.batches++;
  }
}

function stopBefore({ number, head }: FoundSegment, expected: number, checkpoint: number): ReplayStop | undefined {
  const at = { segment: expected, bytes: 0 };
  if (number !== expected) return { reason: 'missing', at, problem: 'it is missing, and later segments are there' };
  if (typeof head === 'string') return { reason: 'fault', at, problem: head };
  if (head.neededCheckpoint <= checkpoint) return undefined;
  return { reason: 'detached', at, problem: 'it does not continue the segment before it' };
}

/** How far a segment counts: its successor says so. What follows there was left by an append that failed. */
function endOf({ number, fileBytes }: FoundSegment, next: FoundSegment | undefined): number {
  if (next === undefined || typeof next.head === 'string' || next.number !== number + 1) return fileBytes;
  return next.head.previousBytes;
}
