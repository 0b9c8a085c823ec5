/** How the memory-pauses suite prints what it found. */
import { formatCount, formatFixed, formatTable, left, right } from '../lib/table.js';
import type { Latency, Pauses } from './measurement.js';

const us = (value: number): string => formatFixed(value, 1);
const cells = ({ p50Us, p999Us, largestUs }: Latency): string[] => [us(p50Us), us(p999Us), us(largestUs)];

export function pausesText(all: readonly Pauses[]): string {
  const rows = all.flatMap(({ phase, operations, outsideGc, recurring, duringGc }) => [
    [phase, formatCount(operations), 'outside garbage collection', ...cells(outsideGc)],
    ['', '', "shortest of each operation's rounds", ...cells(recurring)],
    ['', '', `during garbage collection: ${formatCount(duringGc.operations)}`, '', '', us(duringGc.largestUs)],
  ]);
  const columns = [left('phase'), right('operations'), left('times'), ...['p50', 'p99.9', 'largest'].map(right)];
  return `Single operations, in microseconds\n\n${formatTable(columns, rows)}`;
}
