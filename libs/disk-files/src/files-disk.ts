import fs from 'node:fs';
import { resolve } from 'node:path';
import {
  checkDiskPath,
  type Disk,
  type DiskCallback,
  type DiskError,
  type DiskFile,
  type DiskOpenOptions,
} from '#libs/ports';
import { answerLater, diskErrorOf, fail, tooManyWaiting } from './disk-errors.js';
import type { FileSystemCalls } from './file-system-calls.js';
import { FilesFile } from './files-file.js';
import { OperationQueue } from './operation-queue.js';
import { parentOf, SyncFailures } from './sync-failures.js';
import { readUpTo, writeAll } from './whole-buffers.js';

export type { FileSystemCalls } from './file-system-calls.js';

export interface FilesDiskOptions {
  /** Operations that may wait on one file, or on one path for whole-file operations; more answer an `io` error. */
  readonly maxQueuedOperations?: number;
  readonly calls?: FileSystemCalls;
}

const DEFAULT_MAX_QUEUED_OPERATIONS = 65_536;
/** Replacements are written under this name first; what a crash leaves behind is overwritten by the next one. */
const TEMPORARY_SUFFIX = '.hc-tmp';
/** Appends go to the end whatever the reads do, which O_APPEND guarantees in the kernel. */
const OPEN_FLAGS = fs.constants.O_RDWR | fs.constants.O_APPEND;

/**
 * The disk port over real files below one folder. Callbacks of node:fs, not its promises: a log append is the hot
 * path of a durable store, and the promise API costs several objects per call.
 *
 * Whole-file operations on one path (`writeFileAtomic`, `remove`, `rename` to it) are carried out one after another.
 */
export class FilesDisk implements Disk {
  private readonly root: string;
  private readonly calls: FileSystemCalls;
  private readonly failures: SyncFailures;
  private readonly maxQueuedOperations: number;
  private readonly durableFolders = new Set<string>();
  private readonly pathQueues = new Map<string, OperationQueue>();

  /** The root folder is created when the first file in it is. */
  constructor(rootFolder: string, options: FilesDiskOptions = {}) {
    this.root = resolve(rootFolder);
    this.calls = options.calls ?? fs;
    this.failures = new SyncFailures(this.calls);
    this.maxQueuedOperations = options.maxQueuedOperations ?? DEFAULT_MAX_QUEUED_OPERATIONS;
  }

  open(path: string, options: DiskOpenOptions, done: DiskCallback<DiskFile>): void {
    const invalid = checkDiskPath(path);
    if (invalid) return answerLater(done, invalid);
    const appendsInline = options.appends === 'inline';
    if (!options.create) return this.openExisting(path, OPEN_FLAGS, appendsInline, done);
    this.makeFolderOf(path, (error) => {
      if (error) return fail(done, error);
      this.openExisting(path, OPEN_FLAGS | fs.constants.O_CREAT, appendsInline, (openError, file) => {
        if (openError) return fail(done, openError);
        this.failures.syncFolder(this.root, parentOf(path), (syncError) => {
          if (syncError) file.close(() => fail(done, syncError));
          else done(undefined, file);
        });
      });
    });
  }

  readFile(path: string, done: DiskCallback<Uint8Array>): void {
    const invalid = checkDiskPath(path);
    if (invalid) return answerLater(done, invalid);
    this.calls.open(this.absolute(path), 'r', (error, fd) => {
      if (error) return fail(done, diskErrorOf(error, path));
      this.readOpened(fd, path, (readError, bytes) => this.calls.close(fd, () => done(readError, bytes)));
    });
  }

  writeFileAtomic(path: string, bytes: Uint8Array, done: DiskCallback): void {
    const invalid = checkDiskPath(path);
    if (invalid) return answerLater(done, invalid);
    this.enqueue(path, done, (finish) => {
      this.makeFolderOf(path, (error) => {
        if (error) finish(error);
        else this.replace(path, bytes, finish);
      });
    });
  }

  list(folder: string, done: DiskCallback<readonly string[]>): void {
    const invalid = checkDiskPath(folder, true);
    if (invalid) return answerLater(done, invalid);
    this.calls.readdir(this.absolute(folder), (error, names) => {
      if (error?.code === 'ENOENT') return done(undefined, []);
      if (error) return fail(done, diskErrorOf(error, folder));
      done(undefined, names.filter((name) => !name.endsWith(TEMPORARY_SUFFIX)).sort());
    });
  }

  remove(path: string, done: DiskCallback): void {
    const invalid = checkDiskPath(path);
    if (invalid) return answerLater(done, invalid);
    this.enqueue(path, done, (finish) => {
      this.calls.unlink(this.absolute(path), (error) => {
        if (error?.code === 'ENOENT') return finish(undefined);
        if (error) return finish(diskErrorOf(error, path));
        this.failures.forget(path);
        this.failures.syncFolder(this.root, parentOf(path), finish);
      });
    });
  }

  rename(from: string, to: string, done: DiskCallback): void {
    const invalid = checkDiskPath(from) ?? checkDiskPath(to);
    if (invalid) return answerLater(done, invalid);
    this.enqueue(to, done, (finish) => {
      this.makeFolderOf(to, (error) => {
        if (error) return finish(error);
        this.calls.rename(this.absolute(from), this.absolute(to), (renameError) => {
          if (renameError) return finish(diskErrorOf(renameError, from));
          this.failures.move(from, to);
          this.syncFoldersOf(from, to, finish);
        });
      });
    });
  }

  /** The new name is durable before the old one's absence is. */
  private syncFoldersOf(from: string, to: string, done: DiskCallback): void {
    const [source, target] = [parentOf(from), parentOf(to)];
    this.failures.syncFolder(this.root, target, (error) => {
      if (error || source === target) done(error);
      else this.failures.syncFolder(this.root, source, done);
    });
  }

  private absolute(path: string): string {
    return path === '' ? this.root : `${this.root}/${path}`;
  }

  private openExisting(path: string, flags: number, appendsInline: boolean, done: DiskCallback<DiskFile>): void {
    const { calls, failures, maxQueuedOperations } = this;
    calls.open(this.absolute(path), flags, 0o644, (error, fd) => {
      if (error) fail(done, diskErrorOf(error, path));
      else done(undefined, new FilesFile(path, fd, calls, failures, { maxQueuedOperations, appendsInline }));
    });
  }

  /**
   * Creates the folders that are missing and makes their names durable up to the root, once per folder and process:
   * a folder that exists already may have been made just before a crash. The root's own name is the operator's.
   */
  private makeFolderOf(path: string, done: DiskCallback): void {
    const folder = parentOf(path);
    if (this.durableFolders.has(folder)) return done(undefined);
    this.calls.mkdir(this.absolute(folder), { recursive: true }, (error) => {
      if (error) return done(diskErrorOf(error, path));
      const finish: DiskCallback = (failure) => {
        if (!failure) this.durableFolders.add(folder);
        done(failure);
      };
      if (folder === '') finish(undefined);
      else this.failures.syncFoldersUp(this.root, parentOf(folder), finish);
    });
  }

  /** Temporary file, fsync, rename, fsync of the folder: a crash leaves the old file or the new one, whole. */
  private replace(path: string, bytes: Uint8Array, done: DiskCallback): void {
    const temporary = path + TEMPORARY_SUFFIX;
    this.failures.forget(temporary);
    this.writeSynced(temporary, bytes, (error) => {
      if (error) return this.calls.unlink(this.absolute(temporary), () => done(error));
      this.calls.rename(this.absolute(temporary), this.absolute(path), (renameError) => {
        if (renameError) return done(diskErrorOf(renameError, path));
        this.failures.forget(path);
        this.failures.syncFolder(this.root, parentOf(path), done);
      });
    });
  }

  private writeSynced(path: string, bytes: Uint8Array, done: DiskCallback): void {
    this.calls.open(this.absolute(path), 'w', (error, fd) => {
      if (error) return done(diskErrorOf(error, path));
      const finish = (failure?: DiskError): void => this.calls.close(fd, () => done(failure));
      writeAll(this.calls, fd, path, bytes, 0, (writeError) => {
        if (writeError) finish(writeError);
        else this.failures.sync(fd, path, finish);
      });
    });
  }

  private readOpened(fd: number, path: string, done: DiskCallback<Uint8Array>): void {
    this.calls.fstat(fd, (error, stats) => {
      if (error) return fail(done, diskErrorOf(error, path));
      readUpTo(this.calls, fd, path, new Uint8Array(stats.size), 0, 0, done);
    });
  }

  private enqueue(path: string, done: DiskCallback, operation: (finish: DiskCallback) => void): void {
    let queue = this.pathQueues.get(path);
    if (!queue) {
      queue = new OperationQueue(this.maxQueuedOperations, () => this.pathQueues.delete(path));
      this.pathQueues.set(path, queue);
    }
    const queued = queue.add((next) =>
      operation((error) => {
        next();
        done(error);
      }),
    );
    if (!queued) answerLater(done, tooManyWaiting(path));
  }
}
