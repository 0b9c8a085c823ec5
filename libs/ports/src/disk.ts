/**
 * Files, completion-style: every call answers later through its callback, never before it has returned, so that
 * hosts stay synchronous. Paths are relative to the disk's root, with `/`; `..` and absolute paths are refused.
 */
export type DiskErrorCode = 'not-found' | 'exists' | 'no-space' | 'io' | 'invalid-path' | 'closed';

export class DiskError extends Error {
  override readonly name = 'DiskError';
  constructor(
    readonly code: DiskErrorCode,
    readonly path: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export type DiskCallback<T = void> = (error: DiskError | undefined, value: T) => void;

/**
 * An open file. Operations on one file are carried out in the order of the calls. Only a sync does not hold back what is asked
 * for after it: it begins once all that was asked for before is done, and runs beside what comes later.
 */
export interface DiskFile {
  readonly path: string;
  /** Adds at the end; `bytes` must stay as they are until the answer. After an error an unknown part may have been written. */
  append(bytes: Uint8Array, done: DiskCallback): void;
  /** Up to `length` bytes from `offset`; fewer at the end of the file. */
  read(offset: number, length: number, done: DiskCallback<Uint8Array>): void;
  /**
   * Makes everything appended before the call durable. After an error nothing may be assumed durable, ever. Syncs of one file
   * answer in the order of the calls.
   */
  sync(done: DiskCallback): void;
  truncate(length: number, done: DiskCallback): void;
  size(done: DiskCallback<number>): void;
  close(done: DiskCallback): void;
}

export interface DiskOpenOptions {
  /** Makes the file, and its folders, when it is missing. */
  readonly create: boolean;
  /**
   * How appends are carried out where the disk has a choice. `inline`: in the call, which then takes as long as the system needs
   * for taking the bytes, and with less work in all; for files that are appended to in small pieces all the time. Default
   * `background`.
   */
  readonly appends?: 'background' | 'inline';
}

export interface Disk {
  /** Opens for reading and appending. */
  open(path: string, options: DiskOpenOptions, done: DiskCallback<DiskFile>): void;
  /** The whole file. */
  readFile(path: string, done: DiskCallback<Uint8Array>): void;
  /** Replaces the file at once and durably: temporary file, fsync, rename, fsync of the folder. */
  writeFileAtomic(path: string, bytes: Uint8Array, done: DiskCallback): void;
  /** Names in the folder (without `/`), sorted; a missing folder is empty. */
  list(folder: string, done: DiskCallback<readonly string[]>): void;
  /** Removes the file and makes that durable; a missing file is no error. */
  remove(path: string, done: DiskCallback): void;
  /**
   * Gives the file another name, in place of the one that has it, and makes that durable: a crash leaves either name. What the
   * file holds becomes no more durable by it.
   */
  rename(from: string, to: string, done: DiskCallback): void;
}
