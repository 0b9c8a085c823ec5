import { dirname } from 'node:path';
import type { DiskCallback, DiskError } from '#libs/ports';
import { diskErrorOf } from './disk-errors.js';
import type { FileSystemCalls } from './file-system-calls.js';

/**
 * Remembers every path whose fsync has failed. After such a failure the kernel may have dropped the dirty pages and
 * marked them clean, so that the next fsync answers success about lost data: therefore the first error is the answer
 * to every later sync of that path, even when the file is opened anew. A file that is removed or replaced is a new
 * one, and starts without a past; a folder never does.
 */
export class SyncFailures {
  private readonly failures = new Map<string, DiskError>();

  constructor(private readonly calls: FileSystemCalls) {}

  /** The file at this path is gone: its past is no longer of interest. */
  forget(path: string): void {
    this.failures.delete(path);
  }

  /** The file has another name now, and takes its past along. */
  move(from: string, to: string): void {
    const failure = this.failures.get(from);
    this.failures.delete(from);
    if (failure) this.failures.set(to, failure);
    else this.failures.delete(to);
  }

  /** fsync of an open file or folder; `path` is the disk's relative path, '' for the root. */
  sync(fd: number, path: string, done: DiskCallback): void {
    const failed = this.failures.get(path);
    if (failed) return queueMicrotask(() => done(failed));
    this.calls.fsync(fd, (error) => {
      if (!error) return done(this.failures.get(path));
      const failure = diskErrorOf(error, path);
      this.failures.set(path, failure);
      done(failure);
    });
  }

  /** fsync of a folder by its path: the step that makes a created, renamed or removed name durable. */
  syncFolder(root: string, folder: string, done: DiskCallback): void {
    this.calls.open(folder === '' ? root : `${root}/${folder}`, 'r', (error, fd) => {
      if (error) return done(diskErrorOf(error, folder));
      this.sync(fd, folder, (failure) => {
        this.calls.close(fd, () => done(failure));
      });
    });
  }

  /** Syncs `folder` and every folder above it, up to the root. */
  syncFoldersUp(root: string, folder: string, done: DiskCallback): void {
    this.syncFolder(root, folder, (failure) => {
      if (failure || folder === '') return done(failure);
      this.syncFoldersUp(root, parentOf(folder), done);
    });
  }
}

/** The folder of a relative path, '' where it is the root. */
export function parentOf(path: string): string {
  const parent = dirname(path);
  return parent === '.' ? '' : parent;
}
