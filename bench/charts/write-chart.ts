/** The chart of each suite's result, a file in docs/charts. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { PolicyResult } from '../eviction/verdicts.js';
import { inRoot, ROOT } from '../lib/root.js';
import type { Result } from '../lib/result-file.js';
import type { Resident } from '../memory/measurement.js';
import type { Churn } from '../memory-churn/measurement.js';
import { cleaningChart } from './cleaning-chart.js';
import { evictionChart } from './eviction-chart.js';
import { memoryChart } from './memory-chart.js';
import { type ChartSpec, renderSvg } from './render.js';

/** What charts need of a result, which may come from a file. */
export type ChartedResult = Pick<Result, 'suite' | 'machine'> & {
  readonly startedAt: Date | string;
  readonly [section: string]: unknown;
};

interface Chart {
  readonly name: string;
  readonly spec: ChartSpec;
}

/** Answers undefined where the suite was told not to measure what the chart shows. */
type ChartMaker = (result: ChartedResult, subtitle: string) => Chart | undefined;

const MAKERS: Readonly<Record<string, ChartMaker>> = {
  eviction: (result, subtitle) => {
    const results = result['results'] as readonly PolicyResult[];
    return { name: 'hit-ratio', spec: evictionChart(results, subtitle) };
  },
  memory: (result, subtitle) => {
    const residents = result['residents'] as readonly Resident[];
    return residents.length === 0 ? undefined : { name: 'memory-per-key', spec: memoryChart(residents, subtitle) };
  },
  'memory-churn': (result, subtitle) => {
    const cleaning = result['cleaning'] as readonly Churn[];
    return cleaning.length < 2 ? undefined : { name: 'cleaning-cost', spec: cleaningChart(cleaning, subtitle) };
  },
};

export const CHARTED_SUITES: readonly string[] = Object.keys(MAKERS);

/** Writes the chart of a result; answers its path, relative to the repository's root, where there is one. */
export async function writeChart(result: ChartedResult, folder = inRoot('docs', 'charts')): Promise<readonly string[]> {
  const day = new Date(result.startedAt).toISOString().slice(0, 10);
  const { commit, cpuModel } = result.machine;
  const chart = MAKERS[result.suite]?.(result, `${day}, commit ${commit}, ${cpuModel}`);
  if (chart === undefined) return [];
  const file = join(folder, `${chart.name}.svg`);
  const svg = await renderSvg(chart.spec);
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, svg);
  return [relative(ROOT, file)];
}
