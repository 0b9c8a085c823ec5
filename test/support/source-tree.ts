// The repository's own files, as tests about style and structure see them.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export interface SourceFile {
  /** Relative to the root, with "/" between its parts. */
  readonly path: string;
  readonly text: string;
  readonly lines: readonly string[];
}

/** One row of scripts/lib/rings.json. */
export interface RingRow {
  readonly libs: readonly string[];
  readonly mayImport: readonly string[];
  readonly pure: boolean;
}

const GENERATED = /(^|\/)(generated|node_modules|dist)\//;

export function readText(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** All files below the folders whose names end in one of the endings; generated ones are left out. */
export function sourceFiles(folders: readonly string[], endings: readonly string[] = ['.ts']): SourceFile[] {
  const entries = folders
    .filter((folder) => existsSync(join(ROOT, folder)))
    .flatMap((folder) => readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true }));
  return entries
    .filter((entry) => entry.isFile() && endings.some((ending) => entry.name.endsWith(ending)))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .filter((path) => !GENERATED.test(path))
    .map((path) => {
      const text = readText(path);
      return { path, text, lines: text.trimEnd().split('\n') };
    });
}

export function folderNames(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
}

export function readRings(): Record<string, RingRow> {
  return JSON.parse(readText('scripts/lib/rings.json')) as Record<string, RingRow>;
}
