import { DiskError, type DiskCallback, type DiskFile } from '#libs/ports';
import { answerLater, diskErrorOf, fail, tooManyWaiting } from './disk-errors.js';
import type { FileSystemCalls } from './file-system-calls.js';
import { OperationQueue } from './operation-queue.js';
import type { SyncFailures } from './sync-failures.js';
import { readUpTo, writeAll } from './whole-buffers.js';

/** Up to this length a read allocates without asking for the file's size first, which would cost a second call. */
const UNCHECKED_READ_BYTES = 1024 * 1024;

/** An open file of {@link FilesDisk}: one operation at a time, in the order of the calls. */
export class FilesFile implements DiskFile {
  private readonly queue: OperationQueue;
  private closing = false;

  constructor(
    readonly path: string,
    private readonly fd: number,
    private readonly calls: FileSystemCalls,
    private readonly failures: SyncFailures,
    maxQueuedOperations: number,
  ) {
    this.queue = new OperationQueue(maxQueuedOperations);
  }

  append(bytes: Uint8Array, done: DiskCallback): void {
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
    this.enqueue(done, (finish) => this.failures.sync(this.fd, this.path, finish));
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
      this.calls.close(this.fd, (error) => finish(error ? diskErrorOf(error, this.path) : undefined, undefined));
    });
    this.closing = true;
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
    if (this.closing) return answerLater(done, new DiskError('closed', this.path, `${this.path} is closed`));
    const queued = this.queue.add((next) =>
      operation((error, value) => {
        next();
        done(error, value);
      }),
    );
    if (!queued) answerLater(done, tooManyWaiting(this.path));
  }
}
