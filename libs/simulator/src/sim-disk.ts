/**
 * A disk in memory that can fail. It outlives its process; a crash of the process decides every operation under way, and a
 * loss of power takes what was not synced too, down to a torn last write.
 */
import {
  checkDiskPath,
  DiskError,
  type Disk,
  type DiskCallback,
  type DiskErrorCode,
  type DiskFile,
  type DiskOpenOptions,
} from '#libs/ports';
import { SimInode } from './sim-inode.js';
import type { SimRng } from './sim-rng.js';

export type DiskOperationName =
  | 'open'
  | 'readFile'
  | 'writeFileAtomic'
  | 'list'
  | 'remove'
  | 'rename'
  | 'append'
  | 'read'
  | 'sync'
  | 'truncate'
  | 'size';

/** Asked before each operation; a code makes it fail. */
export type DiskFaults = (operation: DiskOperationName, path: string) => DiskErrorCode | undefined;

/** What lies on the platter: outlives the processes that use it. */
export class SimStorage {
  readonly files = new Map<string, SimInode>();
  faults: DiskFaults = () => undefined;
  /** How long the next operation takes. */
  delayMs: (operation: DiskOperationName) => number = () => this.rng.between(0.05, 2);
  /** An append that fails leaves an arbitrary part behind. */
  tearsFailedAppends = false;
  /**
   * As Linux does: once the process is gone, syncs succeed again, and what the failed one should have written is not on the
   * disk, though it reads well until the power goes (Rebello et al., "Can Applications Recover from fsync Failures?", 2020).
   */
  forgetsSyncErrors = false;
  /** What a loss of power leaves of unsynced bytes may lack a sector in the middle, since the kernel writes in its own order. */
  leavesHoles = false;
  /** The disk says that it has synced, and has not. */
  ignoresSyncs = false;
  /** Writes under way, which a crash either completes or undoes. */
  readonly underWay = new Set<() => void>();

  constructor(readonly rng: SimRng) {}

  /** The process ends: an atomic replacement under way has happened or has not, never by half. */
  crash(): void {
    for (const finish of this.underWay) if (this.rng.chance(0.5)) finish();
    this.underWay.clear();
    for (const inode of this.files.values()) inode.dropSyncs();
    if (this.forgetsSyncErrors) for (const inode of this.files.values()) inode.forgetSyncError();
  }

  /** The machine loses its power: files go back to what was synced, plus an arbitrary part of what came after. */
  losePower(): void {
    this.crash();
    for (const [path, inode] of this.files) {
      if (inode.isSynced) inode.tear(this.rng, this.leavesHoles);
      else this.files.delete(path);
    }
  }

  /**
   * A bit of what is durable flips: in the oldest file of the kind `.seg`, in front of its last synced write, since damage
   * to the last one cannot be told from a torn write. Says where; undefined where nothing lies in front. `at` is from 0 to 1.
   */
  rot(at: number): string | undefined {
    const path = [...this.files.keys()].filter((name) => name.endsWith('.seg')).sort()[0];
    const inode = path === undefined ? undefined : this.files.get(path);
    if (path === undefined || inode === undefined || inode.followedLength === 0) return undefined;
    const offset = Math.floor(at * inode.followedLength);
    inode.flip(offset);
    return `byte ${offset} of ${path}`;
  }

  folders(): Set<string> {
    const folders = new Set<string>(['']);
    for (const path of this.files.keys()) {
      for (let end = path.indexOf('/'); end >= 0; end = path.indexOf('/', end + 1)) folders.add(path.slice(0, end));
    }
    return folders;
  }
}

/** What a disk needs of its process: turns that come later, and not after its end. */
export interface LaterTurns {
  after(delayMs: number, turn: () => void): unknown;
}

/** The disk port over a {@link SimStorage}, for one life of a process. */
export class SimDisk implements Disk {
  constructor(
    private readonly process: LaterTurns,
    readonly storage: SimStorage,
  ) {}

  open(path: string, options: DiskOpenOptions, done: DiskCallback<DiskFile>): void {
    this.perform('open', path, checkDiskPath(path), done, () => {
      if (options.create && !this.storage.files.has(path)) this.link(path, new SimInode());
      return new SimFile(path, this.existing(path), this);
    });
  }

  readFile(path: string, done: DiskCallback<Uint8Array>): void {
    this.perform('readFile', path, checkDiskPath(path), done, () => {
      const inode = this.existing(path);
      return inode.read(0, inode.length);
    });
  }

  writeFileAtomic(path: string, bytes: Uint8Array, done: DiskCallback): void {
    const inode = new SimInode();
    inode.append(bytes);
    inode.sync();
    const replace = (): void => this.link(path, inode);
    const invalid = checkDiskPath(path);
    if (invalid === undefined && this.canLink(path)) this.storage.underWay.add(replace);
    this.perform('writeFileAtomic', path, invalid, done, replace, () => this.storage.underWay.delete(replace));
  }

  list(folder: string, done: DiskCallback<readonly string[]>): void {
    this.perform('list', folder, checkDiskPath(folder, true), done, () => {
      const { files } = this.storage;
      if (files.has(folder)) throw new DiskError('io', folder, `${folder} is not a folder`);
      const prefix = folder === '' ? '' : `${folder}/`;
      const below = [...files.keys(), ...this.storage.folders()].filter(
        (path) => path !== '' && path.startsWith(prefix) && !path.includes('/', prefix.length),
      );
      return below.map((path) => path.slice(prefix.length)).sort();
    });
  }

  remove(path: string, done: DiskCallback): void {
    this.perform('remove', path, checkDiskPath(path), done, () => {
      if (this.storage.folders().has(path)) throw new DiskError('io', path, `${path} is a folder`);
      this.storage.files.delete(path);
    });
  }

  rename(from: string, to: string, done: DiskCallback): void {
    const { files, underWay } = this.storage;
    const move = (): void => {
      const inode = this.existing(from);
      if (from === to) return;
      this.link(to, inode);
      files.delete(from);
    };
    const isPossible = (): boolean => files.has(from) && this.canLink(to);
    const moveIfPossible = (): void => void (isPossible() && move());
    const invalid = checkDiskPath(from) ?? checkDiskPath(to);
    if (invalid === undefined) underWay.add(moveIfPossible);
    this.perform('rename', from, invalid, done, move, () => underWay.delete(moveIfPossible));
  }

  /** Runs an operation after the disk's delay and answers; a fault makes it fail without an effect. */
  perform<T>(
    name: DiskOperationName,
    path: string,
    invalid: DiskError | undefined,
    done: DiskCallback<T>,
    operation: () => T,
    before: () => void = () => undefined,
  ): void {
    this.process.after(this.storage.delayMs(name), () => {
      before();
      let value: T;
      try {
        if (invalid !== undefined) throw invalid;
        const code = this.storage.faults(name, path);
        if (code !== undefined) throw new DiskError(code, path, `${name} of ${path} failed`);
        value = operation();
      } catch (error) {
        if (!(error instanceof DiskError)) throw error;
        (done as (error: DiskError) => void)(error);
        return;
      }
      done(undefined, value);
    });
  }

  private existing(path: string): SimInode {
    const inode = this.storage.files.get(path);
    if (inode === undefined) throw new DiskError('not-found', path, `${path} does not exist`);
    return inode;
  }

  private canLink(path: string): boolean {
    const { files } = this.storage;
    for (let end = path.indexOf('/'); end >= 0; end = path.indexOf('/', end + 1)) {
      if (files.has(path.slice(0, end))) return false;
    }
    return !this.storage.folders().has(path);
  }

  private link(path: string, inode: SimInode): void {
    if (!this.canLink(path)) throw new DiskError('io', path, `a file or folder is in the place of ${path}`);
    this.storage.files.set(path, inode);
  }
}

/** Operations of one file take effect in order: each waits for the one before. Only syncs run beside what comes after them. */
class SimFile implements DiskFile {
  private readonly waiting: (() => void)[] = [];
  /** Syncs that wait for the one before them. */
  private readonly syncs: (() => void)[] = [];
  private onSyncsDone: (() => void) | undefined;
  private isClosing = false;

  constructor(
    readonly path: string,
    private readonly inode: SimInode,
    private readonly disk: SimDisk,
  ) {}

  append(bytes: Uint8Array, done: DiskCallback): void {
    const { storage } = this.disk;
    const failed: DiskCallback = (error) => {
      if (storage.tearsFailedAppends) this.inode.append(bytes.subarray(0, storage.rng.below(bytes.length + 1)));
      done(error);
    };
    this.enqueue(
      'append',
      (error) => (error === undefined ? done(undefined) : failed(error)),
      () => this.inode.append(bytes),
    );
  }

  read(offset: number, length: number, done: DiskCallback<Uint8Array>): void {
    this.enqueue('read', done, () => this.inode.read(offset, offset + length));
  }

  sync(done: DiskCallback): void {
    const invalid = this.invalid;
    this.waiting.push(() => {
      this.syncs.push(() => this.beginSync(invalid, done));
      if (this.syncs.length === 1) this.syncs[0]();
      this.finishFirst();
    });
    if (this.waiting.length === 1) this.waiting[0]();
  }

  /** Covers what the file holds when it begins. */
  private beginSync(invalid: DiskError | undefined, done: DiskCallback): void {
    const sync = this.inode.beginSync();
    const answer: DiskCallback = (error) => {
      if (error !== undefined && invalid === undefined) this.inode.failSync(sync, error);
      this.syncs.shift();
      this.syncs[0]?.();
      done(invalid ?? this.inode.syncError);
      if (this.syncs.length === 0) this.onSyncsDone?.();
    };
    this.disk.perform('sync', this.path, invalid, answer, () => {
      if (this.disk.storage.ignoresSyncs) this.inode.ignoreSync(sync);
      else this.inode.sync(sync);
    });
  }

  truncate(length: number, done: DiskCallback): void {
    this.enqueue('truncate', done, () => this.inode.truncate(length));
  }

  size(done: DiskCallback<number>): void {
    this.enqueue('size', done, () => this.inode.length);
  }

  close(done: DiskCallback): void {
    const { invalid } = this;
    this.isClosing = true;
    const answer: DiskCallback = (error) => {
      if (this.syncs.length === 0) done(error);
      else this.onSyncsDone = () => done(error);
    };
    this.next('size', invalid, answer, () => undefined);
  }

  private get invalid(): DiskError | undefined {
    return this.isClosing ? new DiskError('closed', this.path, `${this.path} is closed`) : undefined;
  }

  private enqueue<T>(name: DiskOperationName, done: DiskCallback<T>, operation: () => T): void {
    this.next(name, this.invalid, done, operation);
  }

  private next<T>(
    name: DiskOperationName,
    invalid: DiskError | undefined,
    done: DiskCallback<T>,
    operation: () => T,
  ): void {
    const answer: DiskCallback<T> = (error, value) => {
      this.finishFirst();
      done(error, value);
    };
    this.waiting.push(() => this.disk.perform(name, this.path, invalid, answer, operation));
    if (this.waiting.length === 1) this.waiting[0]();
  }

  private finishFirst(): void {
    this.waiting.shift();
    this.waiting[0]?.();
  }
}
