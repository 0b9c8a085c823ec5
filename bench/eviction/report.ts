/** How the eviction suite prints what it found. */
import { formatCount, formatFixed, formatPercent, formatTable, left, right } from '../lib/table.js';
import { missRatio, type EvictionVerdict, type PolicyResult } from './verdicts.js';

/** One table per trace: rows are policies, three columns per cache size. */
export function evictionText(results: readonly PolicyResult[]): string {
  const traces = [...new Set(results.map(({ trace }) => trace))];
  return traces.map((trace) => traceText(results.filter((one) => one.trace === trace))).join('\n\n');
}

function traceText(results: readonly PolicyResult[]): string {
  const sizes = [...new Set(results.map(({ cacheBytes }) => cacheBytes))];
  const policies = [...new Set(results.map(({ policy }) => policy))];
  const columns = sizes.flatMap((bytes) => [right(`misses at ${formatCacheBytes(bytes)}`), right('ratio')]);
  const rows = policies.map((policy) => {
    const own = sizes.map((bytes) => results.find((one) => one.policy === policy && one.cacheBytes === bytes));
    const cells = own.flatMap((one) =>
      one === undefined ? ['', ''] : [formatCount(one.misses), formatPercent(missRatio(one))],
    );
    const times = own.flatMap((one) => one?.nsPerRequest ?? []);
    return [policy, ...cells, formatFixed(Math.max(...times), 0)];
  });
  const [{ trace, requests }] = results;
  const title = `${trace}: ${formatCount(requests)} requests\n`;
  return [title, formatTable([left('policy'), ...columns, right('ns per request')], rows)].join('\n');
}

export function formatCacheBytes(bytes: number): string {
  return bytes % 2 ** 20 === 0 ? `${bytes / 2 ** 20} MiB` : `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

export function evictionVerdictText(verdicts: readonly EvictionVerdict[]): string {
  return verdicts
    .map(({ demand, reached, details }) => `${reached ? 'PASS' : 'FAIL'}  ${demand}${details && `: ${details}`}`)
    .join('\n');
}
