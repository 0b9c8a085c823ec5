/** How the memory suite prints what it found. */
import { formatCount, formatFixed, formatMebibytes, formatTable, left, right } from '../lib/table.js';
import type { Accounting, MemoryVerdict, Resident } from './measurement.js';

const kind = (expiring: boolean): string => (expiring ? 'yes' : 'no');
const perKey = (bytes: number): string => formatFixed(bytes, 2);

export function accountingText(accountings: readonly Accounting[]): string {
  const rows = accountings.flatMap(({ expiring, worst, atEnd, heap }) => [
    [kind(expiring), `worst, ${formatCount(worst.keys)}`, perKey(worst.used), perKey(worst.reserved)],
    [kind(expiring), `end, ${formatCount(atEnd.keys)}`, perKey(atEnd.used), perKey(atEnd.reserved), perKey(heap)],
  ]);
  const columns = [left('expiry'), left('keys'), right('used'), right('reserved'), right('JavaScript heap')];
  return `The engine's account: bytes per key beyond key and value\n\n${formatTable(columns, rows)}`;
}

export function residentText(residents: readonly Resident[]): string {
  const rows = residents.map((one) => [
    one.server,
    kind(one.expiring),
    perKey(one.perKey),
    formatMebibytes(one.warmBytes),
    formatMebibytes(one.endBytes),
  ]);
  const columns = [left('server'), left('expiry'), right('bytes per key'), right('warm'), right('end')];
  return `Growth of the resident memory per key, beyond key and value\n\n${formatTable(columns, rows)}`;
}

export function memoryVerdictText(verdicts: readonly MemoryVerdict[]): string {
  return verdicts
    .map(({ demand, measured, limit, reached }) => {
      return `${reached ? 'PASS' : 'FAIL'}  ${demand}: ${perKey(measured)}, at most ${limit} wanted`;
    })
    .join('\n');
}
