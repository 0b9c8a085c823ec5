import { DiskError } from './disk.js';

/**
 * The one rule about paths, for every disk: relative, `/` between plain names, nothing that leads out of the root.
 * `folder` permits the empty path, which names the root itself. Answers undefined where the path is in order.
 */
export function checkDiskPath(path: string, folder = false): DiskError | undefined {
  if (folder && path === '') return undefined;
  for (const name of path.split('/')) {
    if (name === '' || name === '.' || name === '..' || /[\0\\]/.test(name)) {
      return new DiskError('invalid-path', path, `${JSON.stringify(path)} is not a relative path of plain names`);
    }
  }
  return undefined;
}
