/** What the ring suite demands, and how it prints what it found. */
import { formatCount, formatFixed, formatPercent, formatTable, left, right } from '../lib/table.js';
import type { Evenness, KeySpread } from './evenness.js';
import type { Rates } from './measure-rates.js';

export interface Figures {
  readonly evenness: Evenness;
  readonly keySpread: KeySpread;
  readonly bytesPerNode: number;
  readonly rates: Rates;
}

export interface Verdict {
  readonly name: string;
  readonly measured: string;
  /** Empty where nothing is demanded. */
  readonly demanded: string;
  readonly isMet: boolean;
}

type Format = (value: number) => string;

const most = (name: string, value: number, limit: number, format: Format): Verdict => {
  return { name, measured: format(value), demanded: `≤ ${format(limit)}`, isMet: value <= limit };
};
const below = (name: string, value: number, limit: number, format: Format): Verdict => {
  return { name, measured: format(value), demanded: `< ${format(limit)}`, isMet: value < limit };
};
const least = (name: string, value: number, limit: number, format: Format): Verdict => {
  return { name, measured: format(value), demanded: `≥ ${format(limit)}`, isMet: value >= limit };
};
const plain = (name: string, measured: string): Verdict => ({ name, measured, demanded: '', isMet: true });

const fixed =
  (digits: number): Format =>
  (value) =>
    formatFixed(value, digits);
const millions: Format = (value) => `${formatFixed(value / 1e6, 2)} M/s`;
const thousands: Format = (value) => `${formatFixed(value / 1e3, 0)} k/s`;
const nanoseconds: Format = (value) => `${formatCount(value)} ns`;

export function verdictsOf({ evenness, keySpread, bytesPerNode, rates }: Figures): readonly Verdict[] {
  return [
    below('copies or primaries from the share, 1-14 nodes and 100', evenness.furthestFromShare, 1, fixed(3)),
    most('copies moved by a join or leave, of the fewest', evenness.movesRatio, 1.25, fixed(3)),
    most('keys on 5 nodes: fullest of the mean', keySpread.loadFactor, 1.07, fixed(4)),
    most('keys on 5 nodes: standard deviation', keySpread.standardDeviation, 88.6, fixed(1)),
    most('keys moved as a 6th node joins', keySpread.movedByJoin, 0.243, formatPercent),
    most('keys moved as one of 5 leaves', keySpread.movedByLeave, 0.243, formatPercent),
    most('bytes of the ring per node', bytesPerNode, 4096, formatCount),
    least('look-ups: key to primary', rates.lookUps, 4.3e6, millions),
    least('replica look-ups: key to 3 owners', rates.replicaLookUps, 7.3e6, millions),
    below('a look-up, 99th percentile', rates.slowLookUpNs, 1000, nanoseconds),
    least('nodes added or removed, 5 on the ring', rates.changes, 26e3, thousands),
    plain('the same, 100 on the ring', thousands(rates.changesAmong100)),
    plain('the same, 5 on the ring, SHA-256 included', thousands(rates.changesHashed)),
    plain('a placement of 256 partitions, 3 copies', `${formatFixed(rates.placementMs, 1)} ms`),
  ];
}

export function reportText(verdicts: readonly Verdict[]): string {
  const rows = verdicts.map(({ name, measured, demanded, isMet }) => [
    name,
    measured,
    demanded,
    demanded === '' ? '' : isMet ? 'PASS' : 'FAIL',
  ]);
  return formatTable([left('figure'), right('measured'), right('demanded'), left('')], rows);
}
