/** Hit ratios by cache size and policy, one panel per trace. */
import { formatCacheBytes } from '../eviction/report.js';
import { missRatio, type PolicyResult } from '../eviction/verdicts.js';
import type { ChartSpec } from './render.js';

const PANEL = { width: 420, height: 260 };

export function evictionChart(results: readonly PolicyResult[], subtitle: string): ChartSpec {
  const traces = [...new Set(results.map(({ trace }) => trace))];
  const policies = [...new Set(results.map(({ policy }) => policy))];
  return {
    title: { text: 'Hit ratio by eviction policy and cache size', subtitle },
    // Panels of their own instead of facets: each trace has its own sizes.
    hconcat: traces.map((trace) => {
      const own = results.filter((one) => one.trace === trace);
      return panel(trace, own, policies);
    }),
    resolve: { scale: { y: 'shared' } },
  };
}

function panel(trace: string, results: readonly PolicyResult[], policies: string[]) {
  const values = results.map((one) => ({
    policy: one.policy,
    size: formatCacheBytes(one.cacheBytes),
    hits: 1 - missRatio(one),
  }));
  const sizes = [...new Set(values.map(({ size }) => size))];
  return {
    ...PANEL,
    title: { text: trace, fontSize: 12, anchor: 'middle' as const },
    data: { values },
    mark: 'bar' as const,
    encoding: {
      x: { field: 'size', type: 'nominal' as const, sort: sizes, title: 'cache size', axis: { labelAngle: 0 } },
      xOffset: { field: 'policy', type: 'nominal' as const, sort: policies },
      y: { field: 'hits', type: 'quantitative' as const, title: 'hits', axis: { format: '.0%' } },
      color: { field: 'policy', type: 'nominal' as const, sort: policies, title: 'policy' },
    },
  };
}
