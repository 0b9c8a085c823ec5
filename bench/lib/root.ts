/** Where the repository begins: two folders up in the sources, three in dist, so it is looked for. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

function findRoot(start: string): string {
  let folder = start;
  while (!existsSync(join(folder, 'package.json'))) {
    if (dirname(folder) === folder) throw new Error(`no package.json above ${start}`);
    folder = dirname(folder);
  }
  return folder;
}

export const ROOT = findRoot(import.meta.dirname);

/** An absolute path below the repository's root. */
export const inRoot = (...parts: string[]): string => join(ROOT, ...parts);
