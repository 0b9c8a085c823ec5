/** Published misses of a trace: `expected.json` beside it, which says at which cache sizes each policy has how many. */
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

export interface Expected {
  readonly sizes: readonly number[];
  /** By policy, one number per size. */
  readonly misses: Readonly<Record<string, readonly number[]>>;
}

const areCounts = (value: unknown): value is number[] =>
  Array.isArray(value) && value.length > 0 && value.every((count) => Number.isSafeInteger(count) && count > 0);

/** Throws an Error that names the file when it is not of this form. */
export function parseExpected(file: string, text: string): Expected & { readonly trace: string } {
  const { trace, cacheSizeBytes, missCount } = JSON.parse(text) as Record<string, unknown>;
  const rows = typeof missCount === 'object' && missCount !== null ? Object.entries(missCount) : [];
  if (typeof trace !== 'string' || !areCounts(cacheSizeBytes)) {
    throw new Error(`${file}: "trace" must be a name and "cacheSizeBytes" a list of sizes`);
  }
  const misses = rows.map(([policy, counts]) => {
    if (areCounts(counts) && counts.length === cacheSizeBytes.length) return [policy, counts] as const;
    throw new Error(`${file}: "missCount.${policy}" must be ${cacheSizeBytes.length} counts`);
  });
  return { trace, sizes: cacheSizeBytes, misses: Object.fromEntries(misses) };
}

/** What is published about a trace; undefined where nothing is. */
export function expectedBeside(traceFile: string): Expected | undefined {
  const file = join(dirname(traceFile), 'expected.json');
  if (!existsSync(file)) return undefined;
  const expected = parseExpected(file, readFileSync(file, 'utf8'));
  return expected.trace === basename(traceFile) ? expected : undefined;
}
