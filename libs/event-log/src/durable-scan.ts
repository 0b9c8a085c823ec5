/**
 * Tells damage from the loss of what was never durable. Behind the place where reading ended, it looks for a batch that says the
 * log was durable beyond that place when it was written. A power cut leaves of unsynced bytes whatever part it likes, holes
 * included, and no batch behind a hole can say so, since the sync that it would have to know of has not ended. (A whole batch
 * behind the place alone proves nothing.)
 *
 * Lengths cannot be trusted there, so every byte is a place where a header may begin; its own checksum, which begins with a
 * secret of the log, makes that a look at 32 bytes.
 */
import type { Disk, DiskCallback, DiskFile } from '#libs/ports';
import { isBlockHeader } from './block.js';
import { EVENT_LOG_BOUNDS } from './bounds.js';
import { ioError, type EventLogError } from './event-log-error.js';
import type { FileNames } from './file-names.js';
import { readInSteps } from './file-steps.js';
import type { FoundSegment } from './log-folder.js';
import { BATCH_FORMAT } from './log-replay.js';
import { isBefore, type LogPosition } from './log-position.js';
import { withFile } from './opened-file.js';
import {
  BATCH_HEADER_BYTES,
  DURABLE_SEGMENT_AT,
  durableOf,
  SEGMENT_HEADER_BYTES,
  segmentSeed,
} from './segment-format.js';

export class DurableScan {
  /** A place behind the stop that was durable; undefined where none is known. */
  found: LogPosition | undefined;
  /** The end of the piece before, which may hold the beginning of a header. */
  private tail = new Uint8Array(0);

  constructor(
    private readonly disk: Disk,
    private readonly names: FileNames,
    private readonly logId: number,
    private readonly stop: LogPosition,
  ) {}

  /** Segments from the stop's on; what a detached one says does not concern those before it. */
  run(segments: readonly FoundSegment[], done: (error: EventLogError | undefined) => void, at = 0): void {
    const segment = segments[at];
    if (this.found !== undefined || segment === undefined || this.isDetached(segment)) return done(undefined);
    const { number, fileBytes } = segment;
    const from = number === this.stop.segment ? this.stop.bytes + 1 : SEGMENT_HEADER_BYTES;
    const seed = segmentSeed({ number, logId: this.logId });
    this.tail = new Uint8Array(0);
    const scan = (file: DiskFile, finish: DiskCallback): void => {
      const take = (piece: Uint8Array): boolean => this.take(piece, number, seed);
      readInSteps(file, from, fileBytes, EVENT_LOG_BOUNDS.recoveryReadBytes, take, finish);
    };
    withFile(this.disk, this.names.segment(number), scan, (error) => {
      if (error !== undefined) done(ioError(error));
      else this.run(segments, done, at + 1);
    });
  }

  private isDetached({ number, head }: FoundSegment): boolean {
    return typeof head !== 'string' && head.neededCheckpoint > 0 && number > this.stop.segment;
  }

  private take(piece: Uint8Array, number: number, seed: number): boolean {
    const bytes = new Uint8Array(this.tail.length + piece.length);
    bytes.set(this.tail);
    bytes.set(piece, this.tail.length);
    const view = new DataView(bytes.buffer);
    for (let at = 0; at + BATCH_HEADER_BYTES <= bytes.length; at++) {
      if (!this.looksLikeProof(view, at, number)) continue;
      if (!isBlockHeader(bytes, view, at, BATCH_HEADER_BYTES, seed)) continue;
      this.found = durableOf(view, at);
      return false;
    }
    this.tail = bytes.slice(Math.max(0, bytes.length - BATCH_HEADER_BYTES + 1));
    return true;
  }

  /** Cheap, and false nearly everywhere: spares the checksum. */
  private looksLikeProof(view: DataView, at: number, number: number): boolean {
    if (view.getUint32(at + DURABLE_SEGMENT_AT + 4, true) > number / 0x1_0000_0000) return false;
    const length = view.getUint32(at, true);
    if (length < BATCH_FORMAT.minBodyBytes || length > BATCH_FORMAT.maxBodyBytes) return false;
    const durable = durableOf(view, at);
    return durable.segment <= number && isBefore(this.stop, durable);
  }
}
