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

/** An open file. Operations on one file are carried out in the order of the calls. */
export interface DiskFile {
  readonly path: string;
  /** Adds at the end; after an error an unknown part of `bytes` may have been written. */
  append(bytes: Uint8Array, done: DiskCallback): void;
  /** Up to `length` bytes from `offset`; fewer at the end of the file. */
  read(offset: number, length: number, done: DiskCallback<Uint8Array>): void;
  /** Makes everything appended so far durable. After an error nothing may be assumed durable, ever. */
  sync(done: DiskCallback): void;
  truncate(length: number, done: DiskCallback): void;
  size(done: DiskCallback<number>): void;
  close(done: DiskCallback): void;
}

export interface Disk {
  /** Opens for reading and appending; `create` makes the file (and its folders) when it is missing. */
  open(path: string, options: { readonly create: boolean }, done: DiskCallback<DiskFile>): void;
  /** The whole file. */
  readFile(path: string, done: DiskCallback<Uint8Array>): void;
  /** Replaces the file at once and durably: temporary file, fsync, rename, fsync of the folder. */
  writeFileAtomic(path: string, bytes: Uint8Array, done: DiskCallback): void;
  /** Names in the folder (without `/`), sorted; a missing folder is empty. */
  list(folder: string, done: DiskCallback<readonly string[]>): void;
  /** Removes the file and makes that durable; a missing file is no error. */
  remove(path: string, done: DiskCallback): void;
}
