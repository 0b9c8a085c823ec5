/** Results of earlier runs, as bench/lib/result-file.ts wrote them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inRoot } from '../lib/root.js';
import type { ChartedResult } from './write-chart.js';

/** Of a suite the one that started last; undefined without any. */
export function newestResult(suite: string, folder = inRoot('bench', 'results')): ChartedResult | undefined {
  if (!existsSync(folder)) return undefined;
  const pattern = new RegExp(`^${suite}-\\d{4}-\\d\\d-\\d\\d-.*\\.json$`);
  const files = readdirSync(folder).filter((file) => pattern.test(file));
  const results = files.map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as ChartedResult);
  return results.toSorted((a, b) => Date.parse(String(b.startedAt)) - Date.parse(String(a.startedAt)))[0];
}
