import { DiskError, type DiskCallback, type DiskFile } from '#libs/ports';
import { answerLater, diskErrorOf, fail, tooManyWaiting } from './disk-errors.js';
import type { FileSystemCalls } from './file-system-calls.js';
import { InlineWriter } from './inline-writer.js';
import { OperationQueue } from './operation-queue.js';
import type { SyncFailures } from './sync-failures.js';
import { readUpTo, writeAll } from './whole-buffers.js';

/** Up to this length a read allocates without asking for the file's size first, which would cost a second call. */
const UNCHECKED_READ_BYTES = 1024 * 1024;
/** Appends above this length go to the thread pool in any case: copying so much takes the system longer than the way there. */
const MAX_INLINE_BYTES = 256 * 1024;

export interface FilesFileOptions {
  readonly maxQueuedOperations: number;
  readonly appendsInline: boolean;
}

/**
 * An open file of {@link FilesDisk}: one operation at a time, in the order of the calls. Syncs have a queue of their own, which
 * they join in their turn: the operations behind them go on, and no two run at once, since the kernel would tell only one of
 * them of a failure.
 */
export class FilesFile implements DiskFile {
  private readonly queue: OperationQueue;
  private readonly syncs: OperationQueue;
  private readonly inline: InlineWriter | undefined;
  private onSyncsDone: (() => void) | undefined;
  private closing = false;

  constructor(
    readonly path: string,
    private readonly fd: number,
    private readonly calls: FileSystemCalls,
    private readonly failures: SyncFailures,
    { maxQueuedOperations, appendsInline }: FilesFileOptions,
  ) {
    this.queue = new OperationQueue(maxQueuedOperations);
    this.syncs = new OperationQueue(maxQueuedOperations, () => this.onSyncsDone?.());
    this.inline = appendsInline ? new InlineWriter(fd, path, calls) : undefined;
  }

  /** While a sync runs no append is carried out inline: the file system may make it wait until the sync is through. */
  append(bytes: Uint8Array, done: DiskCallback): void {
    const { inline, queue, syncs } = this;
    const isFree = queue.isIdle && syncs.isIdle && !this.closing;
    if (inline !== undefined && isFree && bytes.length <= MAX_INLINE_BYTES) return inline.write(bytes, done);
    this.enqueue(done, (finish) => writeAll(this.calls, this.fd, this.path, bytes, 0, finish));
  }

  /** A large buffer is no larger than what the file holds from `offset`, whatever `length` asks for. */
  read(offset: number, length: number, done: DiskCallback<Uint8Array>): void {
    this.enqueue(done, (finish) => {
      if (length <= UNCHECKED_READ_BYTES) return this.readInto(new Uint8Array(length), offset, finish);
      this.fileBytes((error, fileBytes) => {
        if (error) return fail(finish, error);
        this.readInto(new Uint8Array(Math.min(length, Math.max(0, fileBytes - offset))), offset, finish);
      });
    });
  }

  sync(done: DiskCallback): void {
    if (this.closing) return this.refuse(done);
    const queued = this.queue.add((next) => {
      this.beginSync(done);
      next();
    });
    if (!queued) answerLater(done, tooManyWaiting(this.path));
  }

  truncate(length: number, done: DiskCallback): void {
    this.enqueue(done, (finish) => {
      this.calls.ftruncate(this.fd, length, (error) =>
        finish(error ? diskErrorOf(error, this.path) : undefined, undefined),
      );
    });
  }

  size(done: DiskCallback<number>): void {
    this.enqueue(done, (finish) => this.fileBytes(finish));
  }

  /** Carried out after everything asked for before; whatever is asked for afterwards answers `closed`. */
  close(done: DiskCallback): void {
    this.enqueue(done, (finish) => {
      const close = (): void => {
        this.calls.close(this.fd, (error) => finish(error ? diskErrorOf(error, this.path) : undefined, undefined));
      };
      if (this.syncs.isIdle) close();
      else this.onSyncsDone = close;
    });
    this.closing = true;
  }

  private beginSync(done: DiskCallback): void {
    const queued = this.syncs.add((next) => {
      this.failures.sync(this.fd, this.path, (error) => {
        next();
        done(error);
      });
    });
    if (!queued) answerLater(done, tooManyWaiting(this.path));
  }

  private readInto(target: Uint8Array, offset: number, done: DiskCallback<Uint8Array>): void {
    readUpTo(this.calls, this.fd, this.path, target, 0, offset, done);
  }

  private fileBytes(done: DiskCallback<number>): void {
    this.calls.fstat(this.fd, (error, stats) => {
      if (error) fail(done, diskErrorOf(error, this.path));
      else done(undefined, stats.size);
    });
  }

  /** The next operation starts before `done` runs, so that a slow callback does not hold back the disk. */
  private enqueue<T>(done: DiskCallback<T>, operation: (finish: DiskCallback<T>) => void): void {
    if (this.closing) return this.refuse(done);
    const queued = this.queue.add((next) =>
      operation((error, value) => {
        next();
        done(error, value);
      }),
    );
    if (!queued) answerLater(done, tooManyWaiting(this.path));
  }

  private refuse<T>(done: DiskCallback<T>): void {
    answerLater(done, new DiskError('closed', this.path, `${this.path} is closed`));
  }
}
