/** What a suite demands of its figures, and whether they meet it. */
import { formatTable, left, right } from './table.js';

export interface Demand {
  readonly what: string;
  readonly measured: string;
  readonly demanded: string;
  readonly isMet: boolean;
}

/** A figure that is to be less than another. */
export function below(what: string, value: number, limit: number, format: (value: number) => string): Demand {
  return { what, measured: format(value), demanded: `< ${format(limit)}`, isMet: value < limit };
}

/** A figure that is to be another one, or more. */
export function atLeast(what: string, value: number, limit: number, format: (value: number) => string): Demand {
  return { what, measured: format(value), demanded: `≥ ${format(limit)}`, isMet: value >= limit };
}

/** A count that is to be nothing. */
export function none(what: string, count: number): Demand {
  return { what, measured: String(count), demanded: '0', isMet: count === 0 };
}

export function demandsText(demands: readonly Demand[]): string {
  const columns = [left('demand'), right('measured'), right('demanded'), left('')];
  const rows = demands.map(({ what, measured, demanded, isMet }) => [
    what,
    measured,
    demanded,
    isMet ? 'PASS' : 'FAIL',
  ]);
  return formatTable(columns, rows);
}
