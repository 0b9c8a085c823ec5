/**
 * A disk in memory that can fail. It outlives its process; a crash of the process decides every operation under way, and a
 * loss of power takes what was not synced too, down to a torn last write.
 */
import { checkDiskPath, DiskError, type Disk, type DiskCallback, type DiskErrorCode, type DiskFile } from '#libs/ports';
import type { SimRng } from './sim-rng.js';

export type DiskOperationName =
  'open' | 'readFile' | 'writeFileAtomic' | 'list' | 'remove' | 'append' | 'read' | 'sync' | 'truncate' | 'size';

/** Asked before each operation; a code makes it fail. */
export type DiskFaults = (operation: DiskOperationName, path: string) => DiskErrorCode | undefined;

/** What lies on the platter: outlives the processes that use it. */
export class SimStorage {
  readonly files = new Map<string, Inode>();
  faults: DiskFaults = () => undefined;
  /** How long the next operation takes. */
  delayMs: () => number = () => this.rng.between(0.05, 2);
  /** An append that fails leaves an arbitrary part behind. */
  tearsFailedAppends = false;
  /**
   * As Linux does: once the process is gone, syncs succeed again, and what the failed one should have written is not on the
   * disk, though it reads well until the power goes (Rebello et al., "Can Applications Recover from fsync Failures?", 2020).
   */
  forgetsSyncErrors = false;
  /** The disk says that it has synced, and has not. */
  ignoresSyncs = false;
  /** Writes under way, which a crash either completes or undoes. */
  readonly underWay = new Set<() => void>();

  constructor(readonly rng: SimRng) {}

  /** The process ends: an atomic replacement under way has happened or has not, never by half. */
  crash(): void {
    for (const finish of this.underWay) if (this.rng.chance(0.5)) finish();
    this.underWay.clear();
    if (this.forgetsSyncErrors) for (const inode of this.files.values()) inode.forgetSyncError();
  }

  /** The machine loses its power: files go back to what was synced, plus an arbitrary part of what came after. */
  losePower(): void {
    this.crash();
    for (const [path, inode] of this.files) {
      if (inode.isSynced) inode.tear(this.rng);
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

const MIN_CAPACITY_BYTES = 64;

/** What a file holds. Its durable content is a prefix of it, or a copy of its own once that prefix was cut. */
class Inode {
  length = 0;
  syncError: DiskError | undefined;
  /** Of the durable content, behind which a later sync has made more durable. */
  followedLength = 0;
  private buffer = new Uint8Array(MIN_CAPACITY_BYTES);
  /** Of the content at the last sync that succeeded; negative while even the name is not durable. */
  private syncedLength = -1;
  private syncedCopy: Uint8Array | undefined;
  /** What a sync that failed has dropped: it reads well, and no later sync writes it. */
  private dropped: { readonly from: number; readonly to: number } | undefined;

  get isSynced(): boolean {
    return this.syncedLength >= 0;
  }

  /** What a loss of power leaves at least. */
  get synced(): Uint8Array {
    return this.syncedCopy ?? this.buffer.subarray(0, this.syncedLength);
  }

  append(more: Uint8Array): void {
    const length = this.length + more.length;
    this.reserve(length);
    this.buffer.set(more, this.length);
    this.length = length;
  }

  read(from: number, to: number): Uint8Array {
    return this.buffer.slice(Math.min(from, this.length), Math.min(to, this.length));
  }

  truncate(length: number): void {
    if (length < this.syncedLength) this.syncedCopy ??= this.synced.slice();
    this.reserve(length);
    if (length > this.length) this.buffer.fill(0, this.length, length);
    this.length = length;
    this.followedLength = 0;
  }

  sync(): void {
    if (this.syncError !== undefined) return;
    if (this.length > this.syncedLength) this.followedLength = Math.max(this.syncedLength, 0);
    this.syncedLength = this.length;
    this.syncedCopy = undefined;
  }

  /** The process that was told of it is gone. */
  forgetSyncError(): void {
    if (this.syncError === undefined) return;
    this.syncError = undefined;
    const from = Math.min(this.dropped?.from ?? Infinity, Math.max(this.syncedLength, 0));
    this.dropped = { from, to: this.length };
  }

  /** Back to what was synced, and an arbitrary part of what came after, whose last byte may be wrong. */
  tear(rng: SimRng): void {
    const durable = this.synced;
    const unsynced = Math.max(0, this.length - durable.length);
    const kept = unsynced === 0 ? 0 : rng.below(unsynced + 1);
    this.buffer.set(durable);
    if (this.dropped !== undefined) this.buffer.fill(0, this.dropped.from, this.dropped.to);
    this.dropped = undefined;
    this.length = durable.length + kept;
    if (kept > 0 && rng.chance(0.5)) this.buffer[this.length - 1] ^= 0xff;
    this.syncedLength = this.length;
    this.syncedCopy = undefined;
    this.syncError = undefined;
  }

  /** A bit rots. */
  flip(offset: number): void {
    this.buffer[offset] ^= 0x10;
  }

  private reserve(length: number): void {
    if (length <= this.buffer.length) return;
    const grown = new Uint8Array(Math.max(length, 2 * this.buffer.length));
    grown.set(this.buffer.subarray(0, this.length));
    this.buffer = grown;
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

  open(path: string, options: { readonly create: boolean }, done: DiskCallback<DiskFile>): void {
    this.perform('open', path, checkDiskPath(path), done, () => {
      if (options.create && !this.storage.files.has(path)) this.link(path, new Inode());
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
    const inode = new Inode();
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

  /** Runs an operation after the disk's delay and answers; a fault makes it fail without an effect. */
  perform<T>(
    name: DiskOperationName,
    path: string,
    invalid: DiskError | undefined,
    done: DiskCallback<T>,
    operation: () => T,
    before: () => void = () => undefined,
  ): void {
    this.process.after(this.storage.delayMs(), () => {
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

  private existing(path: string): Inode {
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

  private link(path: string, inode: Inode): void {
    if (!this.canLink(path)) throw new DiskError('io', path, `a file or folder is in the place of ${path}`);
    this.storage.files.set(path, inode);
  }
}

/** Operations of one file take effect in order: each waits for the one before. */
class SimFile implements DiskFile {
  private readonly waiting: (() => void)[] = [];
  private isClosing = false;

  constructor(
    readonly path: string,
    private readonly inode: Inode,
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
    const remember: DiskCallback = (error) => {
      this.inode.syncError ??= error;
      done(this.inode.syncError);
    };
    this.enqueue('sync', remember, () => {
      if (!this.disk.storage.ignoresSyncs) this.inode.sync();
    });
  }

  truncate(length: number, done: DiskCallback): void {
    this.enqueue('truncate', done, () => this.inode.truncate(length));
  }

  size(done: DiskCallback<number>): void {
    this.enqueue('size', done, () => this.inode.length);
  }

  close(done: DiskCallback): void {
    const wasClosing = this.isClosing;
    this.isClosing = true;
    const invalid = wasClosing ? new DiskError('closed', this.path, `${this.path} is closed`) : undefined;
    this.next('size', invalid, done, () => undefined);
  }

  private enqueue<T>(name: DiskOperationName, done: DiskCallback<T>, operation: () => T): void {
    const invalid = this.isClosing ? new DiskError('closed', this.path, `${this.path} is closed`) : undefined;
    this.next(name, invalid, done, operation);
  }

  private next<T>(
    name: DiskOperationName,
    invalid: DiskError | undefined,
    done: DiskCallback<T>,
    operation: () => T,
  ): void {
    const answer: DiskCallback<T> = (error, value) => {
      this.waiting.shift();
      this.waiting[0]?.();
      done(error, value);
    };
    this.waiting.push(() => this.disk.perform(name, this.path, invalid, answer, operation));
    if (this.waiting.length === 1) this.waiting[0]();
  }
}
