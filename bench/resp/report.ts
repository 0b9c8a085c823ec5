/** What the benchmark prints. */
import { median } from '../lib/statistics.js';
import {
  formatCount,
  formatFixed,
  formatMebibytes,
  formatPercent,
  formatRatio,
  formatTable,
  left,
  right,
} from '../lib/table.js';
import type { IdleUse } from './measure.js';
import type { StorageStarts } from './storage-start.js';
import type { Ratio, Summary, Verdict } from './summary.js';
import type { Target } from './targets.js';

const section = (title: string, body: string): string => `\n${title}\n\n${body}`;

export function throughputText(summaries: readonly Summary[], ratios: readonly Ratio[]): string {
  const columns = [right('pipeline'), left('target'), left('test'), right('ops/s'), right('spread'), right('p50 ms')];
  columns.push(right('p99 ms'), right('of redis'));
  const rows = summaries.map(({ pipeline, target, test, opsPerSecond, spread, p50Ms, p99Ms }) => {
    const ratio = ratios.find((row) => row.pipeline === pipeline && row.target === target)?.[test];
    const cells = [String(pipeline), target, test.toUpperCase(), formatCount(opsPerSecond), formatPercent(spread, 0)];
    return [...cells, formatFixed(p50Ms, 3), formatFixed(p99Ms, 3), ratio === undefined ? '' : formatRatio(ratio)];
  });
  return section('Throughput and latency (medians of the rounds)', formatTable(columns, rows));
}

export function cpuText(summaries: readonly Summary[]): string {
  const columns = [right('pipeline'), left('target'), left('process'), right('SET µs'), right('GET µs')];
  const sets = summaries.filter(({ test }) => test === 'set');
  const rows = sets.flatMap(({ pipeline, target, cpuMicrosPerRequest: set }) => {
    const get = summaries.find((row) => row.pipeline === pipeline && row.target === target && row.test === 'get');
    return Object.entries(set).map(([name, micros]) => {
      const other = get?.cpuMicrosPerRequest[name];
      const cells = [String(pipeline), target, name, formatFixed(micros, 2)];
      return [...cells, other === undefined ? '' : formatFixed(other, 2)];
    });
  });
  return section('Processor time per request', formatTable(columns, rows));
}

export function startText(targets: readonly Target[], starts: StorageStarts | undefined): string {
  const rows = targets.map(({ name, startMs }) => {
    return [name === 'cluster' ? 'cluster, with the script that starts it' : name, formatCount(startMs)];
  });
  if (starts !== undefined) {
    rows.push(['storage node, first start, with its cluster', formatCount(starts.firstMs)]);
    rows.push([`storage node, again (median of ${starts.againMs.length})`, formatCount(median(starts.againMs))]);
  }
  return section('Start: from the spawn until it is ready', formatTable([left('what'), right('ms')], rows));
}

export function idleText(idle: readonly IdleUse[]): string {
  const columns = [left('target'), left('process'), right('resident'), right('of a core')];
  const rows = idle.map(({ target, member, residentBytes, cpuShare }) => [
    target,
    member,
    formatMebibytes(residentBytes),
    formatPercent(cpuShare),
  ]);
  return section('Idle, before any load', formatTable(columns, rows));
}

export function verdictText(ratios: readonly Ratio[], verdicts: readonly Verdict[]): string {
  if (ratios.length === 0) return section('Compared with redis-server', 'Not measured: it is not among the targets.');
  const columns = [left('target'), right('pipeline'), right('SET'), right('GET'), right('mean'), right('demanded')];
  const rows = ratios.map((ratio) => {
    const verdict = verdicts.find((row) => row.pipeline === ratio.pipeline && row.target === ratio.target);
    const cells = [ratio.target, String(ratio.pipeline), formatRatio(ratio.set), formatRatio(ratio.get)];
    cells.push(formatRatio(ratio.geometricMean));
    if (verdict === undefined) return cells;
    return [...cells, `≥ ${verdict.atLeast}×`, verdict.reached ? 'reached' : 'NOT REACHED'];
  });
  return section(
    'Compared with redis-server in the same session (geometric mean of SET and GET)',
    formatTable([...columns, left('')], rows),
  );
}
