/** The verdict on one key's operations: without a search where {@link checkZones} can tell, else by {@link Search}. */
import { LINEARIZABILITY_BOUNDS } from './bounds.js';
import type { Items } from './items.js';
import { Search, type Verdict } from './search.js';
import type { ValueTable } from './values.js';
import { checkZones } from './zones.js';

export interface CheckOptions {
  /** Operations of one client and key take effect in the order of their ids although they overlap, as in a pipeline. */
  readonly keepsClientOrder?: boolean;
  /** The budget for one key, {@link LINEARIZABILITY_BOUNDS} has the default. */
  readonly maxSteps?: number;
}

export interface Judgement {
  readonly verdict: Verdict;
  /** Operations that the search placed. */
  readonly steps: number;
}

export function judge(items: Items, values: ValueTable, options: CheckOptions): Judgement {
  const { keepsClientOrder = false, maxSteps = LINEARIZABILITY_BOUNDS.maxSteps } = options;
  const verdict = checkZones(items);
  // What has no order at all has none that keeps the clients' orders.
  if (verdict === 'violation' || (verdict !== undefined && !keepsClientOrder)) return { verdict, steps: 0 };
  const search = new Search(items, values, keepsClientOrder, maxSteps);
  return { verdict: search.run(), steps: search.steps };
}
