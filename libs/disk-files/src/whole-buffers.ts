import { DiskError, type DiskCallback } from '#libs/ports';
import { diskErrorOf, fail } from './disk-errors.js';
import type { FileSystemCalls } from './file-system-calls.js';

/** write(2) until all of `bytes` is written: one call may take only a part. */
export function writeAll(
  calls: FileSystemCalls,
  fd: number,
  path: string,
  bytes: Uint8Array,
  from: number,
  done: DiskCallback,
): void {
  calls.write(fd, bytes, from, bytes.length - from, null, (error, written) => {
    if (error) return done(diskErrorOf(error, path));
    if (from + written >= bytes.length) return done(undefined);
    if (written === 0) return done(new DiskError('io', path, `write of ${path} failed: nothing was taken`));
    writeAll(calls, fd, path, bytes, from + written, done);
  });
}

/** read(2) until `target` is full or the file ends; answers the part of `target` that was filled. */
export function readUpTo(
  calls: FileSystemCalls,
  fd: number,
  path: string,
  target: Uint8Array,
  filled: number,
  position: number,
  done: DiskCallback<Uint8Array>,
): void {
  calls.read(fd, target, filled, target.length - filled, position + filled, (error, count) => {
    if (error) return fail(done, diskErrorOf(error, path));
    const total = filled + count;
    if (count === 0 || total >= target.length) return done(undefined, target.subarray(0, total));
    readUpTo(calls, fd, path, target, total, position, done);
  });
}
