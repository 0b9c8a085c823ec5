import type fs from 'node:fs';

/** The calls of node:fs that this adapter makes; tests pass others to make the disk fail. */
export type FileSystemCalls = Pick<
  typeof fs,
  | 'open'
  | 'close'
  | 'read'
  | 'write'
  | 'writeSync'
  | 'fsync'
  | 'ftruncate'
  | 'fstat'
  | 'rename'
  | 'unlink'
  | 'mkdir'
  | 'readdir'
>;
