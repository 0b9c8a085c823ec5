/** CONFIG REWRITE: settings that were changed at run time, into the YAML file that a service was started with. */
import {
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { TableSetting } from '#libs/cluster';
import { changeOf, rewriteText, sourceAt } from './rewrite.js';

export class SettingsFile {
  /** What the file said of the settings that were written into it, before; undefined: nothing. */
  private readonly before = new Map<string, string | undefined>();

  constructor(private readonly name: string) {}

  /**
   * Writes the settings, and what stood there before in place of those that were written earlier and are not among them:
   * they were taken back. Throws where the file cannot be read, is no mapping, or cannot be written.
   */
  rewrite(settings: readonly TableSetting[]): void {
    const file = realpathSync(this.name);
    const text = readFileSync(file, 'utf8');
    const isKept = (path: string): boolean => settings.some((setting) => setting.path === path);
    const takenBack = [...this.before].filter(([path]) => !isKept(path)).map(([path, source]) => ({ path, source }));
    const rewritten = rewriteText(text, [...takenBack, ...settings.map(changeOf)]);
    if (rewritten !== text) replaceFile(file, rewritten);
    for (const { path } of takenBack) this.before.delete(path);
    for (const { path } of settings) if (!this.before.has(path)) this.before.set(path, sourceAt(text, path));
  }
}

/** Writes beside the file, syncs and renames, so that a crash leaves the old file or the new one. */
function replaceFile(file: string, text: string): void {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    writeSynced(temporary, text, statSync(file).mode);
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  syncFolder(dirname(file));
}

function writeSynced(file: string, text: string, mode: number): void {
  const descriptor = openSync(file, 'w', mode);
  try {
    const bytes = Buffer.from(text);
    for (let written = 0; written < bytes.length;) written += writeSync(descriptor, bytes, written);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function syncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
