/**
 * Judges histories. Linearizability is local (Herlihy and Wing, "Linearizability: A Correctness Condition for Concurrent
 * Objects", 1990): a history has it if and only if every key's part has it, so keys are judged one by one.
 */
import { LINEARIZABILITY_BOUNDS } from './bounds.js';
import type { History } from './history.js';
import { itemsOf } from './items.js';
import { type CheckOptions, judge } from './judge.js';
import type { Verdict } from './search.js';
import { explain, type Violation } from './violation.js';

export interface HistoryReport {
  /** `violation` where a key has one, else `undecided` where a key's budget did not suffice. */
  readonly verdict: Verdict;
  readonly keys: number;
  readonly violatedKeys: readonly string[];
  readonly undecidedKeys: readonly string[];
  /** Of the first violated keys. */
  readonly violations: readonly Violation[];
}

export function checkHistory(history: History, options: CheckOptions = {}): HistoryReport {
  const violatedKeys: string[] = [];
  const undecidedKeys: string[] = [];
  const violations: Violation[] = [];
  for (const [key, ids] of history.idsByKey()) {
    const items = itemsOf(history, ids);
    const { verdict } = judge(items, history.values, options);
    if (verdict === 'undecided') undecidedKeys.push(key);
    if (verdict !== 'violation') continue;
    violatedKeys.push(key);
    if (violations.length < LINEARIZABILITY_BOUNDS.maxExplained) violations.push(explain(history, items, options));
  }
  const verdict = violatedKeys.length > 0 ? 'violation' : undecidedKeys.length > 0 ? 'undecided' : 'linearizable';
  return { verdict, keys: history.keyCount, violatedKeys, undecidedKeys, violations };
}
