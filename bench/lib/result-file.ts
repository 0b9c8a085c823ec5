/** Results that are kept: one JSON file per suite, day and commit, in the repository. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { MachineFacts } from './machine.js';
import { inRoot, ROOT } from './root.js';

export interface Result {
  readonly suite: string;
  readonly startedAt: Date;
  readonly machine: MachineFacts;
  /** Whatever else the suite found; becomes JSON. */
  readonly [section: string]: unknown;
}

/** `resp-2026-01-31-1a2b3c4.json` */
export function resultFileName({ suite, startedAt, machine }: Result): string {
  const day = startedAt.toISOString().slice(0, 10);
  return `${suite}-${day}-${machine.commit}${machine.modified ? '-modified' : ''}.json`;
}

/** Answers the file's path, relative to the repository's root. */
export function writeResult(result: Result, folder = inRoot('bench', 'results')): string {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, resultFileName(result));
  writeFileSync(file, `${JSON.stringify(result, rounded, 2)}\n`);
  return relative(ROOT, file);
}

/** Six significant digits: more would be noise. */
function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value;
}
