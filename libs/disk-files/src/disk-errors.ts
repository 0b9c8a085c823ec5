import { DiskError, type DiskCallback, type DiskErrorCode } from '#libs/ports';

/** The operating system's error codes that hosts tell apart; everything else is `io`. */
const CODES: Readonly<Record<string, DiskErrorCode>> = {
  ENOENT: 'not-found',
  EEXIST: 'exists',
  ENOSPC: 'no-space',
  EDQUOT: 'no-space',
};

/** `path` is the disk's own, relative path: the root folder stands only in the cause. */
export function diskErrorOf(error: NodeJS.ErrnoException, path: string): DiskError {
  const code = CODES[error.code ?? ''] ?? 'io';
  const call = error.syscall ?? 'file operation';
  return new DiskError(code, path, `${call} of ${path} failed: ${error.code ?? error.message}`, { cause: error });
}

export function tooManyWaiting(path: string): DiskError {
  return new DiskError('io', path, `${path} has too many operations waiting`);
}

/**
 * Answers an error. The port's callbacks declare a value beside it; there is none to give, and callers look at the
 * error first, as with every callback of Node.
 */
export function fail<T>(done: DiskCallback<T>, error: DiskError): void {
  (done as (error: DiskError) => void)(error);
}

/** For what is known at the call: the port's callbacks never run before the call has returned. */
export function answerLater<T>(done: DiskCallback<T>, error: DiskError): void {
  queueMicrotask(() => fail(done, error));
}
