/** The suite's tables and what it demands. */
import { below, none, type Demand } from '../lib/demands.js';
import { formatCount, formatFixed, formatRatio, formatTable, left, right } from '../lib/table.js';
import type { JoinMeasurement } from './measurement.js';

const DEMANDED = { seconds: 10, slowdown: 3 };

export function reportJoin({ peak, rate, quiet, phases, failures }: JoinMeasurement): string {
  const rows = [{ name: 'quiet', latencies: quiet }, ...phases].map(({ name, latencies }) => [
    name,
    formatCount(latencies.operations),
    ...[latencies.p50Ms, latencies.p99Ms, latencies.p999Ms, latencies.maxMs].map((ms) => formatFixed(ms, 2)),
  ]);
  const titles = ['operations', 'p50 ms', 'p99 ms', 'p99.9 ms', 'max ms'].map(right);
  const moves = phases.map(({ name, tookMs, moves: count, abortedMoves, moveMs, shares }) => [
    name,
    formatFixed(tookMs / 1_000, 2),
    String(count),
    String(abortedMoves),
    formatFixed(moveMs, 0),
    shares.join('/'),
  ]);
  const moveTitles = ['seconds', 'moves', 'aborted', 'ms each', 'partitions'].map(right);
  const lines = [
    `highest throughput ${formatCount(peak)} operations/s, load ${formatCount(rate)}`,
    formatTable([left('latencies'), ...titles], rows),
    formatTable([left('moves'), ...moveTitles], moves),
  ];
  const kinds = Object.entries(failures.failed).map(([kind, count]) => `${kind} ${formatCount(count)}`);
  if (kinds.length > 0) lines.push(`failed: ${kinds.join(', ')}; writes of unknown outcome: ${failures.unknownWrites}`);
  if (failures.examples.length > 0) lines.push(failures.examples.join('\n'));
  return lines.join('\n\n');
}

export function joinDemands({ quiet, phases, failures }: JoinMeasurement): Demand[] {
  const seconds = (value: number): string => `${formatFixed(value, 2)} s`;
  const ofPhases = phases.flatMap(({ name, tookMs, latencies }) => [
    below(`${name}: time until the shares are even`, tookMs / 1_000, DEMANDED.seconds, seconds),
    below(`${name}: p99 beside the quiet one`, latencies.p99Ms / quiet.p99Ms, DEMANDED.slowdown, formatRatio),
  ]);
  const failed = Object.values(failures.failed).reduce((sum, count) => sum + count, 0);
  return [
    ...ofPhases,
    none('failed operations', failed),
    none('wrong values', failures.wrong),
    none('missing keys', failures.missing),
  ];
}
