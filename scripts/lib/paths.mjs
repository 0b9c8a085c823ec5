// Where things lie. Every script works from the repository's root, whatever folder it was called from.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** An absolute path below the repository's root. */
export const inRoot = (...parts) => join(ROOT, ...parts);

/** Scratch space of the scripts; ignored by git, safe to delete. */
export const CACHE_DIR = inRoot('.cache');
