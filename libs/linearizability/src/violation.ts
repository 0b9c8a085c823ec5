/**
 * Why a key's history has no order: the shortest prefix that has none (every prefix of a linearizable history is linearizable),
 * the operation whose completion it ends with, what the key may have held where that operation belongs, and as few
 * operations as prove it.
 */
import { LINEARIZABILITY_BOUNDS } from './bounds.js';
import { type History, KIND } from './history.js';
import { isObserver, type Item, type Items } from './items.js';
import { type CheckOptions, judge } from './judge.js';
import { shrink } from './shrink.js';
import { isIntegerCode, NIL, UNRECORDED, type Value, type ValueTable } from './values.js';

const { maxExplainChecks, maxExplainSteps, maxTriedStates, maxPrintedStates } = LINEARIZABILITY_BOUNDS;

export interface Violation {
  readonly key: string;
  /** Id of the operation that has no place. */
  readonly operation: number;
  /** Operations of the key that completed before it, and have an order. */
  readonly before: number;
  /** What a read instead of it could have seen; the first that were found. */
  readonly states: readonly Value[];
  /** Ids of operations that have no order even by themselves, as few as were found; sorted by invocation. */
  readonly core: readonly number[];
}

/** `items` of one key, whose verdict is `violation`. */
export function explain(history: History, items: Items, options: CheckOptions): Violation {
  const examiner = new Examiner(history.values, options);
  const completions = items.filter(({ isOptional }) => !isOptional).sort((a, b) => a.end - b.end || a.id - b.id);
  const count = shortestPrefix(items, completions, examiner);
  const failing = completions[count - 1];
  const prefix = prefixOf(items, completions, count);
  return {
    key: history.keyOf(failing.id),
    operation: failing.id,
    before: count - 1,
    states: possibleStates(prefix, failing, examiner).map((code) => history.values.textOf(code)),
    core: shrink(prefix, (part) => examiner.verdict(part) === 'violation').map(({ id }) => id),
  };
}

/** Judges parts of the history until the explanation has had its share of work; then all is `undecided`. */
class Examiner {
  private checks = 0;
  private steps = 0;

  constructor(
    private readonly values: ValueTable,
    private readonly options: CheckOptions,
  ) {}

  verdict(items: Items): string {
    const left = maxExplainSteps - this.steps;
    if (++this.checks > maxExplainChecks || left <= 0) return 'undecided';
    const { maxSteps = LINEARIZABILITY_BOUNDS.maxSteps } = this.options;
    const { verdict, steps } = judge(items, this.values, { ...this.options, maxSteps: Math.min(maxSteps, left) });
    this.steps += steps;
    return verdict;
  }
}

/** How many completions the shortest prefix without an order has. */
function shortestPrefix(items: Items, completions: Items, examiner: Examiner): number {
  let ordered = 0;
  let violated = completions.length;
  while (violated - ordered > 1) {
    const middle = (ordered + violated) >>> 1;
    if (examiner.verdict(prefixOf(items, completions, middle)) === 'violation') violated = middle;
    else ordered = middle;
  }
  return violated;
}

/** What had been invoked at the time of the last of so many completions: the outcome of what was under way is unknown then. */
function prefixOf(items: Items, completions: Items, count: number): Items {
  const until = completions[count - 1].end;
  const completed = new Set(completions.slice(0, count));
  return items.flatMap((item) => {
    if (item.start > until) return [];
    if (item.isOptional || completed.has(item)) return [item];
    return isObserver(item) ? [] : [asUnknown(item)];
  });
}

const asUnknown = (item: Item): Item => ({ ...item, end: Infinity, isOptional: true, result: UNRECORDED });
const asRead = (item: Item, result: number): Item => ({ ...item, kind: KIND.read, result, isOptional: false });

/** Reads of what could `failing` have been, in its place? Its own effect counts only where others have seen it. */
function possibleStates(prefix: Items, failing: Item, examiner: Examiner): number[] {
  const possible: number[] = [];
  const isNeeded = examiner.verdict(prefix.filter((item) => item !== failing)) !== 'linearizable';
  for (const state of likelyStates(prefix)) {
    const read = asRead(failing, state);
    const instead = isNeeded ? [{ ...asUnknown(failing), client: -1 }, read] : [read];
    const items = prefix.flatMap((item) => (item === failing ? instead : [item]));
    if (examiner.verdict(items) === 'linearizable') possible.push(state);
    if (possible.length === maxPrintedStates) break;
  }
  return possible;
}

/** The latest values that were written or seen, and what increments of unknown outcome may have made of them. */
function likelyStates(prefix: Items): number[] {
  const states = new Set<number>();
  for (const { kind, argument, result } of prefix.toReversed()) {
    if (kind === KIND.read || kind === KIND.increment) states.add(result);
    else if (kind !== KIND.append) states.add(argument);
    if (states.size >= maxTriedStates / 2) break;
  }
  states.delete(UNRECORDED);
  states.add(NIL);
  for (const { kind, argument, isOptional } of prefix) {
    if (kind !== KIND.increment || !isOptional) continue;
    for (const state of [...states]) {
      if (states.size >= maxTriedStates) break;
      if (state === NIL || isIntegerCode(state)) states.add((state === NIL ? 0 : state) + argument);
    }
  }
  return [...states];
}
