/**
 * A key that is only read, and incremented by one and the same amount, is judged without a search. Its value only grows, so the
 * answers tell the order: whatever has to do with a smaller value comes before whatever has to do with a larger one, and the
 * increment to a value before the reads of it. That order must not contradict the times, each value may be reached once, and
 * those that no known increment has reached must have been reached by increments of unknown outcome.
 *
 * The latter is counted. What fills a gap must have started before anything above the gap has ended; this bound only grows with
 * the value, so there is a way to fill all gaps if and only if, up to each gap, enough increments had started in time (Hall's
 * theorem, for sets of which each contains the one before).
 */
import { KIND } from './history.js';
import type { Item, Items } from './items.js';
import { isIntegerCode, NIL, UNRECORDED } from './values.js';

/** What has to do with the `count`-th value of a counter. */
interface Level {
  readonly count: number;
  increment: Item | undefined;
  /** Under way when the history was cut: if it has happened, it has reached this value. */
  optional: Item | undefined;
  readonly reads: Item[];
}

/** Undefined where the key is no such counter. */
export function checkCounter(items: Items): 'linearizable' | 'violation' | undefined {
  const by = amountOf(items);
  if (by === undefined) return undefined;
  const levels = levelsOf(items, by);
  if (levels === undefined || !agreesWithTime(levels)) return 'violation';
  const spares = items.filter((item) => item.isOptional && item.result === UNRECORDED);
  return canFillGaps(levels, spares) ? 'linearizable' : 'violation';
}

/** What every increment adds; undefined where the key is no such counter. */
export function amountOf(items: Items): number | undefined {
  const by = items.find(({ kind }) => kind === KIND.increment)?.argument ?? 0;
  const isCounter = items.every(
    ({ kind, argument }) => kind === KIND.read || (kind === KIND.increment && argument === by),
  );
  return by !== 0 && isCounter ? by : undefined;
}

/** By growing counts; undefined where an answer is none that this counter can give, or two increments have the same. */
function levelsOf(items: Items, by: number): readonly Level[] | undefined {
  const levels = new Map<number, Level>();
  for (const item of items) {
    const { kind, result, isOptional } = item;
    const count = result === NIL ? 0 : result / by;
    const isPossible = kind === KIND.read && result === NIL ? true : isIntegerCode(result) && isCount(count);
    if (isOptional && (result === UNRECORDED || !isPossible)) continue;
    const level = levels.get(count) ?? { count, increment: undefined, optional: undefined, reads: [] };
    levels.set(count, level);
    if (isOptional) level.optional ??= item;
    else if (!isPossible || (kind === KIND.increment && level.increment !== undefined)) return undefined;
    else if (kind === KIND.increment) level.increment = item;
    else level.reads.push(item);
  }
  return [...levels.values()].sort((a, b) => a.count - b.count);
}

const isCount = (count: number): boolean => Number.isInteger(count) && count > 0;

function agreesWithTime(levels: readonly Level[]): boolean {
  let latestStart = -Infinity;
  for (const { increment, reads } of levels) {
    for (const group of [increment === undefined ? [] : [increment], reads]) {
      if (firstEnd(group) < latestStart) return false;
      for (const { start } of group) latestStart = Math.max(latestStart, start);
    }
  }
  return true;
}

const firstEnd = (items: Items): number => items.reduce((first, { end }) => Math.min(first, end), Infinity);

/** `spares` are sorted by their starts. */
function canFillGaps(levels: readonly Level[], spares: Items): boolean {
  const ends = levels.map(({ increment, reads }) => Math.min(increment?.end ?? Infinity, firstEnd(reads)));
  for (let i = ends.length - 2; i >= 0; i--) ends[i] = Math.min(ends[i], ends[i + 1]);
  let reached = 0;
  let missing = 0;
  let started = 0;
  for (const [i, { count, increment, optional }] of levels.entries()) {
    // Nobody has seen this value, or one above it.
    if (ends[i] === Infinity) break;
    const isReached = increment !== undefined || (optional !== undefined && optional.start <= ends[i]);
    missing += count - reached - (isReached ? 1 : 0);
    while (started < spares.length && spares[started].start <= ends[i]) started++;
    if (started < missing) return false;
    reached = count;
  }
  return true;
}
