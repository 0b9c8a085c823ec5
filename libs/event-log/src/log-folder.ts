/**
 * Looks through a log's folder before anything is replayed: which segments and checkpoints there are, what their headers and
 * footers say, and what the manifest says. Reads some 100 bytes of each file, and changes nothing.
 */
import { DecodeError } from '#libs/kernel';
import { inTurn, type Disk, type DiskCallback, type DiskError, type DiskFile, type DiskStep } from '#libs/ports';
import {
  CHECKPOINT_HEADER_BYTES,
  checkpointSeed,
  FOOTER_BYTES,
  openFooter,
  readCheckpointHead,
  type CheckpointFooter,
  type CheckpointHead,
} from './checkpoint-format.js';
import { EventLogError, ioError, UnsupportedFormatError } from './event-log-error.js';
import type { FileHead } from './file-head.js';
import { checkpointsIn, isSettlingName, lastCheckpointIn, segmentsIn, type FileNames } from './file-names.js';
import { decodeManifest, type Manifest } from './manifest-format.js';
import { withFile } from './opened-file.js';
import { readSegmentHead, SEGMENT_HEADER_BYTES, type SegmentHead } from './segment-format.js';

export interface FoundSegment {
  readonly number: number;
  readonly fileBytes: number;
  /** Or what is wrong with it. */
  readonly head: SegmentHead | string;
}

/** A checkpoint that its header and its footer prove complete; its chunks are still to be checked. */
export interface FoundCheckpoint {
  readonly number: number;
  readonly fileBytes: number;
  readonly head: CheckpointHead;
  readonly footer: CheckpointFooter;
}

export interface IncompleteCheckpoint {
  readonly number: number;
  readonly problem: string;
}

export interface FoundLog {
  readonly manifest: Manifest | 'missing' | 'damaged';
  /** Ascending. */
  readonly segments: readonly FoundSegment[];
  readonly complete: readonly FoundCheckpoint[];
  readonly incomplete: readonly IncompleteCheckpoint[];
  /** The highest number that a checkpoint has ever had here. */
  readonly lastCheckpoint: number;
  /** What recovery left unfinished. */
  readonly settling: readonly string[];
}

export type FoundCallback = (error: EventLogError | undefined, found: FoundLog) => void;

export class LogFolder {
  private manifest: FoundLog['manifest'] = 'missing';
  private readonly segments: FoundSegment[] = [];
  private readonly complete: FoundCheckpoint[] = [];
  private readonly incomplete: IncompleteCheckpoint[] = [];
  private refusal: EventLogError | undefined;

  constructor(
    private readonly disk: Disk,
    private readonly names: FileNames,
  ) {}

  look(done: FoundCallback): void {
    const { disk, names } = this;
    let logNames: readonly string[] = [];
    let checkpointNames: readonly string[] = [];
    const listing: DiskStep[] = [
      (next) => disk.list(names.logFolder, (error, found) => next(error, void (logNames = found ?? []))),
      (next) => disk.list(names.checkpointFolder, (error, found) => next(error, void (checkpointNames = found ?? []))),
      (next) => this.readManifest(next),
    ];
    const finish = (error: DiskError | undefined): void => {
      const { manifest, segments, complete, incomplete } = this;
      const settling = [
        ...logNames.filter(isSettlingName).map((name) => `${names.logFolder}/${name}`),
        ...checkpointNames.filter(isSettlingName).map((name) => `${names.checkpointFolder}/${name}`),
      ];
      const lastCheckpoint = lastCheckpointIn(checkpointNames);
      const found = { manifest, segments, complete, incomplete, lastCheckpoint, settling };
      done(this.refusal ?? (error === undefined ? undefined : ioError(error)), found);
    };
    inTurn(listing, (error) => {
      if (error !== undefined) return finish(error);
      const looks = [
        ...segmentsIn(logNames).map((number) => this.lookingAtSegment(number)),
        ...checkpointsIn(checkpointNames).map((number) => this.lookingAtCheckpoint(number)),
      ];
      inTurn(looks, finish);
    });
  }

  private readManifest(next: DiskCallback): void {
    const path = this.names.manifest;
    this.disk.readFile(path, (error, bytes) => {
      if (error !== undefined) return next(error.code === 'not-found' ? undefined : error);
      this.manifest = this.decoded(
        path,
        () => decodeManifest(bytes),
        () => 'damaged' as const,
      );
      next(undefined);
    });
  }

  private lookingAtSegment(number: number): DiskStep {
    const path = this.names.segment(number);
    return (next) => {
      this.reading(path, SEGMENT_HEADER_BYTES, 0, next, (fileBytes, bytes) => {
        const head = this.decoded(path, () => named(number, readSegmentHead(bytes)), String);
        this.segments.push({ number, fileBytes, head });
      });
    };
  }

  private lookingAtCheckpoint(number: number): DiskStep {
    const path = this.names.checkpoint(number);
    return (next) => {
      this.reading(path, CHECKPOINT_HEADER_BYTES, FOOTER_BYTES, next, (fileBytes, bytes, end) => {
        const read = (): FoundCheckpoint => {
          const head = named(number, readCheckpointHead(bytes));
          return { number, fileBytes, head, footer: openFooter(end, checkpointSeed(head)) };
        };
        const checkpoint = this.decoded(path, read, String);
        if (typeof checkpoint === 'string') this.incomplete.push({ number, problem: checkpoint });
        else this.complete.push(checkpoint);
      });
    };
  }

  /** Reads the first and the last bytes of a file. */
  private reading(
    path: string,
    headBytes: number,
    endBytes: number,
    next: DiskCallback,
    use: (fileBytes: number, head: Uint8Array, end: Uint8Array) => void,
  ): void {
    const read = (file: DiskFile, finish: DiskCallback): void => {
      file.size((sizeError, fileBytes) => {
        if (sizeError !== undefined) return finish(sizeError);
        file.read(0, headBytes, (error, head) => {
          if (error !== undefined) return finish(error);
          file.read(Math.max(0, fileBytes - endBytes), endBytes, (endError, end) => {
            if (endError === undefined) use(fileBytes, head, end);
            finish(endError);
          });
        });
      });
    };
    withFile(this.disk, path, read, next);
  }

  /** What `decode` answers, or what `otherwise` makes of its complaint. A later release's file is noted as a refusal. */
  private decoded<T, F>(path: string, decode: () => T, otherwise: (problem: string) => F): T | F {
    try {
      return decode();
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      if (error instanceof UnsupportedFormatError) {
        this.refusal ??= new EventLogError('unsupported', path, 0, error.message, { cause: error });
      }
      return otherwise(error.message);
    }
  }
}

/** A file tells its number itself, so that one that was given another's name is noticed. */
function named<T extends FileHead>(number: number, head: T): T {
  if (head.number !== number) throw new DecodeError(`it is number ${head.number} by its header`);
  return head;
}
