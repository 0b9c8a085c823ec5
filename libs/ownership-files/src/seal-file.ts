/**
 * The durable half of an owner: which epochs it has sealed. One small file, replaced as a whole; what comes while it is being
 * written goes into the next write together. After the first failure nothing is written any more, since nothing may be
 * assumed durable then, and every call answers that error.
 */
import { assert, DecodeError } from '#libs/kernel';
import type { SealRecord } from '#libs/ownership';
import type { Disk, DiskError } from '#libs/ports';
import { decodeSeals, encodeSeals } from './seal-format.js';

/** Calls that wait for the disk. */
const MAX_WAITING = 4_096;

export type SealFileErrorCode =
  /** The disk failed: the node stops. */
  | 'io'
  /** What was durable does not read any more: the node has forgotten its promises, and joins again under a new id. */
  | 'damaged';

/** Names the file and what is wrong with it. */
export class SealFileError extends Error {
  override readonly name = 'SealFileError';
  constructor(
    readonly code: SealFileErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export type SealFileCallback = (error: SealFileError | undefined) => void;

export class SealFile {
  private readonly epochs: Uint32Array;
  private failure: SealFileError | undefined;
  /** Of the write under way, and of the next one. */
  private written: SealFileCallback[] = [];
  private waiting: SealFileCallback[] = [];

  /** `path` is relative to the disk's root. */
  constructor(
    private readonly disk: Disk,
    private readonly path: string,
    partitionCount: number,
  ) {
    this.epochs = new Uint32Array(partitionCount);
  }

  /** The sealed epochs by partition, zeros where there is no file yet. To be called once, before all else. */
  load(done: (error: SealFileError | undefined, epochs: Uint32Array) => void): void {
    this.disk.readFile(this.path, (error, bytes) => {
      if (error === undefined) this.failure = this.take(bytes);
      else if (error.code !== 'not-found') this.failure = this.ioError(error);
      done(this.failure, this.epochs.slice());
    });
  }

  /** Calls back once these are durable. Epochs never fall: what is below the present one changes nothing. */
  save(seals: readonly SealRecord[], done: SealFileCallback): void {
    assert(this.waiting.length < MAX_WAITING, 'more seals wait for the disk than a node may ask for');
    for (const { partition, epoch } of seals) {
      if (epoch > this.epochs[partition]) this.epochs[partition] = epoch;
    }
    this.waiting.push(done);
    if (this.written.length === 0) this.write();
  }

  private take(bytes: Uint8Array): SealFileError | undefined {
    try {
      this.epochs.set(decodeSeals(bytes, this.epochs.length));
      return undefined;
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      const advice = 'This node has forgotten what it promised: give it a new id and an empty data folder.';
      return new SealFileError('damaged', `${this.path} is damaged: ${error.message}. ${advice}`, { cause: error });
    }
  }

  private write(): void {
    this.written = this.waiting;
    this.waiting = [];
    if (this.failure !== undefined) return this.finish();
    this.disk.writeFileAtomic(this.path, encodeSeals(this.epochs), (error) => {
      if (error !== undefined) this.failure = this.ioError(error);
      this.finish();
    });
  }

  private finish(): void {
    const { written, failure } = this;
    // Calls made by these callbacks wait for the next write.
    for (const done of written) done(failure);
    this.written = [];
    if (this.waiting.length > 0) this.write();
  }

  private ioError(error: DiskError): SealFileError {
    return new SealFileError('io', `${this.path}: ${error.message}`, { cause: error });
  }
}
