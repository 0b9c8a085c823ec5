import { DiskError, type DiskCallback, type DiskFile } from '#libs/ports';
import { answer, type DiskExecutor, type DiskOperation } from './disk-executor.js';
import type { MemoryInode } from './memory-inode.js';

/** An open file of the memory disk. */
export class MemoryFile implements DiskFile {
  private readonly waiting: (() => void)[] = [];
  private closing = false;

  constructor(
    readonly path: string,
    private readonly inode: MemoryInode,
    private readonly executor: DiskExecutor,
  ) {}

  append(bytes: Uint8Array, done: DiskCallback): void {
    this.enqueue('append', done, () => this.inode.append(bytes));
  }

  read(offset: number, length: number, done: DiskCallback<Uint8Array>): void {
    this.enqueue('read', done, () => this.inode.read(offset, length));
  }

  sync(done: DiskCallback): void {
    const remember: DiskCallback = (error) => {
      this.inode.syncError ??= error;
      done(this.inode.syncError);
    };
    this.enqueue('sync', remember, () => undefined);
  }

  truncate(length: number, done: DiskCallback): void {
    this.enqueue('truncate', done, () => this.inode.truncate(length));
  }

  size(done: DiskCallback<number>): void {
    this.enqueue('size', done, () => this.inode.length);
  }

  close(done: DiskCallback): void {
    if (this.closing) return this.refuse(done);
    this.closing = true;
    this.runInOrder(() => done(undefined));
  }

  private enqueue<T>(name: DiskOperation, done: DiskCallback<T>, operation: () => T): void {
    if (this.closing) return this.refuse(done);
    this.runInOrder(() => this.executor.perform(name, this.path, done, operation));
  }

  /** Whichever of its turns comes first serves the oldest operation: a scheduler cannot reorder them. */
  private runInOrder(operation: () => void): void {
    this.waiting.push(operation);
    this.executor.runLater(() => this.waiting.shift()?.());
  }

  private refuse<T>(done: DiskCallback<T>): void {
    this.executor.runLater(() => answer(done, new DiskError('closed', this.path, `${this.path} is closed`)));
  }
}
