// Finds the TypeScript files that hold nothing but types. The compiler leaves nothing of them, so no test can ever run a line
// of them, and the coverage by V8 would count each line as uncovered. Prettier guarantees what the search relies on: in column
// 0 stands the start of a statement, or what closes one.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { ROOT } from './paths.mjs';

const LEAVES_CODE = /^(?!import |export (type|interface|declare) |type |interface |declare |\/[/*]|[\s}\])|>]|$)/m;

/** Paths relative to the root, with "/" between their parts. */
export function typeOnlyFiles(folders) {
  const files = folders
    .filter((folder) => existsSync(join(ROOT, folder)))
    .flatMap((folder) => readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.spec.ts'))
    .map((entry) => join(entry.parentPath, entry.name));
  return files
    .filter((file) => !LEAVES_CODE.test(readFileSync(file, 'utf8')))
    .map((file) => relative(ROOT, file).replaceAll('\\', '/'));
}
