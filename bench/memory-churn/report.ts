/** How the memory-churn suite prints what it found. */
import { formatCount, formatFixed, formatMebibytes, formatPercent, formatTable, right } from '../lib/table.js';
import { type Churn, GOAL_FRAGMENTATION, residentGrowth } from './measurement.js';

export function churnText(churn: Churn): string {
  const { fill, operations, fragmentation, reclaimable, refusals } = churn;
  const lines = [
    `${formatCount(operations)} operations at a fill of ${formatPercent(fill, 0)}: ${formatMebibytes(churn.writtenBytes)} written`,
    `fragmentation ${formatPercent(fragmentation.last, 2)}, at worst ${formatPercent(fragmentation.worst, 2)}`,
    `reclaimable   ${formatPercent(reclaimable.last, 2)}, at worst ${formatPercent(reclaimable.worst, 2)}`,
    `memory taken  at most ${formatPercent(churn.reserved)} of the limit; sets that found no room: ${formatCount(refusals)}`,
    residentLine(churn),
  ];
  return lines.join('\n');
}

function residentLine({ resident }: Churn): string {
  const growth = residentGrowth(resident);
  const [first, last] = [resident[0], resident[resident.length - 1]];
  const seconds = formatFixed(last.seconds, 0);
  const range = `resident      ${formatMebibytes(first.bytes)} at first, ${formatMebibytes(last.bytes)} after ${seconds} s`;
  return growth === undefined ? range : `${range}; second half's peak beside the first's ${formatPercent(growth, 2)}`;
}

export function cleaningText(churns: readonly Churn[]): string {
  const rows = churns.map(({ fill, movedPerWritten, fragmentation, reclaimable, refusals }) => [
    formatPercent(fill, 0),
    formatFixed(movedPerWritten, 3),
    formatPercent(fragmentation.worst, 2),
    formatPercent(reclaimable.worst, 2),
    formatCount(refusals),
  ]);
  const columns = ['fill', 'moved per byte written', 'fragmentation', 'reclaimable', 'found no room'].map(right);
  return `What cleaning costs\n\n${formatTable(columns, rows)}`;
}

export function churnVerdictText({ fragmentation }: Churn): string {
  const word = fragmentation.worst < GOAL_FRAGMENTATION ? 'PASS' : 'FAIL';
  return `${word}  fragmentation below ${formatPercent(GOAL_FRAGMENTATION, 0)} at any time`;
}
