import {
  checkDiskPath,
  DiskError,
  type Disk,
  type DiskCallback,
  type DiskFile,
  type DiskOpenOptions,
} from '#libs/ports';
import { answer, DiskExecutor, type DiskFault, type DiskOperation, type RunLater } from './disk-executor.js';
import { MemoryFile } from './memory-file.js';
import { MemoryInode } from './memory-inode.js';
import { MemorySpace } from './memory-space.js';

export interface MemoryDiskOptions {
  /** Default: queueMicrotask. */
  readonly runLater?: RunLater;
  readonly fault?: DiskFault;
  /** All files together; what does not fit answers `no-space`. Default 1 GiB. */
  readonly capacityBytes?: number;
}

const DEFAULT_CAPACITY_BYTES = 1024 * 1024 * 1024;

/**
 * The disk port in memory, for tests and for nodes that keep nothing. It behaves as files do, including open files
 * that outlive their names and syncs that failed once, except that nothing outlives the process.
 */
export class MemoryDisk implements Disk {
  private readonly files = new Map<string, MemoryInode>();
  private readonly folders = new Set<string>(['']);
  private readonly executor: DiskExecutor;
  private readonly space: MemorySpace;

  constructor(options: MemoryDiskOptions = {}) {
    this.executor = new DiskExecutor(options.runLater ?? queueMicrotask, options.fault ?? (() => undefined));
    this.space = new MemorySpace(options.capacityBytes ?? DEFAULT_CAPACITY_BYTES);
  }

  /** Bytes of all files that have a name. */
  get usedBytes(): number {
    return this.space.usedBytes;
  }

  open(path: string, options: DiskOpenOptions, done: DiskCallback<DiskFile>): void {
    this.later('open', path, checkDiskPath(path), done, () => {
      if (options.create && !this.files.has(path)) {
        this.requirePlace(path);
        this.link(path, new MemoryInode(path, this.space));
      }
      return new MemoryFile(path, this.existing(path), this.executor);
    });
  }

  readFile(path: string, done: DiskCallback<Uint8Array>): void {
    this.later('readFile', path, checkDiskPath(path), done, () => {
      const inode = this.existing(path);
      return inode.read(0, inode.length);
    });
  }

  writeFileAtomic(path: string, bytes: Uint8Array, done: DiskCallback): void {
    this.later('writeFileAtomic', path, checkDiskPath(path), done, () => {
      this.requirePlace(path);
      const inode = new MemoryInode(path, this.space);
      inode.append(bytes);
      this.link(path, inode);
    });
  }

  list(folder: string, done: DiskCallback<readonly string[]>): void {
    this.later('list', folder, checkDiskPath(folder, true), done, () => {
      if (this.files.has(folder)) throw new DiskError('io', folder, `${folder} is not a folder`);
      const prefix = folder === '' ? '' : `${folder}/`;
      const below = [...this.files.keys(), ...this.folders].filter((path) => isDirectlyBelow(path, prefix));
      return below.map((path) => path.slice(prefix.length)).sort();
    });
  }

  remove(path: string, done: DiskCallback): void {
    this.later('remove', path, checkDiskPath(path), done, () => {
      if (this.folders.has(path)) throw new DiskError('io', path, `${path} is a folder`);
      this.files.get(path)?.unlink();
      this.files.delete(path);
    });
  }

  rename(from: string, to: string, done: DiskCallback): void {
    this.later('rename', from, checkDiskPath(from) ?? checkDiskPath(to), done, () => {
      const inode = this.existing(from);
      if (from === to) return;
      this.requirePlace(to);
      this.files.delete(from);
      this.link(to, inode);
    });
  }

  private existing(path: string): MemoryInode {
    const inode = this.files.get(path);
    if (inode) return inode;
    throw new DiskError('not-found', path, `${path} does not exist`);
  }

  /** Gives an inode its name, in place of the one that had it, and makes the folders above. */
  private link(path: string, inode: MemoryInode): void {
    for (const folder of foldersAbove(path)) this.folders.add(folder);
    this.files.get(path)?.unlink();
    this.files.set(path, inode);
  }

  private requirePlace(path: string): void {
    const blocking = [...foldersAbove(path)].find((folder) => this.files.has(folder));
    if (blocking === undefined && !this.folders.has(path)) return;
    throw new DiskError('io', path, `${path} cannot be created: a file or folder is in its place`);
  }

  private later<T>(
    name: DiskOperation,
    path: string,
    invalid: DiskError | undefined,
    done: DiskCallback<T>,
    operation: () => T,
  ): void {
    this.executor.runLater(() => {
      if (invalid) answer(done, invalid);
      else this.executor.perform(name, path, done, operation);
    });
  }
}

function isDirectlyBelow(path: string, prefix: string): boolean {
  return path !== '' && path.startsWith(prefix) && !path.includes('/', prefix.length);
}

/** `a/b/c` has `a` and `a/b` above it. */
function* foldersAbove(path: string): Generator<string> {
  for (let end = path.indexOf('/'); end >= 0; end = path.indexOf('/', end + 1)) yield path.slice(0, end);
}
