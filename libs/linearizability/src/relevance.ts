/**
 * Makes all writes the same that nobody can have read: then the search sees one state, and one alternative, where there would
 * be many. Whether an answer may come from a write is judged by time alone: something that must happen and starts after the
 * write's end hides it from whatever starts after the end of that.
 */
import { KIND } from './history.js';
import { ANY_STATE, isObserver, type Item, type Items, NO_STATE, stateLeft, stateNeeded } from './items.js';

/** A value that is in no answer, and is not nil. */
export const UNSEEN = -11;

export function withUnseenWrites(items: Items): Items {
  if (items.some((item) => stateLeft(item) === ANY_STATE)) return items;
  const readers = readersByState(items);
  const hiding = items.filter((item) => !item.isOptional && !isObserver(item));
  const firstEndFrom = hiding.map(({ end }) => end);
  for (let i = hiding.length - 2; i >= 0; i--) firstEndFrom[i] = Math.min(firstEndFrom[i], firstEndFrom[i + 1]);
  return items.map((item) => {
    if (!isWrite(item)) return item;
    const hiddenFrom = firstEndFrom[firstAfter(hiding, item.end)] ?? Infinity;
    const isSeen = readers.get(item.argument)?.mayHaveRead(item.start, hiddenFrom) === true;
    return isSeen ? item : { ...item, argument: UNSEEN };
  });
}

const isWrite = (item: Item): boolean =>
  !isObserver(item) && (item.kind === KIND.write || item.kind === KIND.setIfAbsent || item.kind === KIND.setIfPresent);

/** Operations that must find one state, sorted by their starts. */
class Readers {
  private readonly items: Item[] = [];
  /** By place: the latest end up to there. */
  private readonly latestEnds: number[] = [];

  add(item: Item): void {
    this.items.push(item);
    this.latestEnds.push(Math.max(item.end, this.latestEnds.at(-1) ?? -Infinity));
  }

  /** Whether one of them ends at `from` or later, and starts at `to` or earlier. */
  mayHaveRead(from: number, to: number): boolean {
    const later = firstAfter(this.items, from);
    return this.latestEnds[later - 1] >= from || this.items[later]?.start <= to;
  }
}

function readersByState(items: Items): Map<number, Readers> {
  const readers = new Map<number, Readers>();
  for (const item of items) {
    // An increment to its own argument may have found 0.
    const state = item.kind === KIND.increment ? item.result - item.argument : stateNeeded(item);
    if (state === NO_STATE) continue;
    const list = readers.get(state) ?? new Readers();
    list.add(item);
    readers.set(state, list);
  }
  return readers;
}

/** The first of them that starts after this time. */
function firstAfter(items: Items, time: number): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (items[middle].start > time) high = middle;
    else low = middle + 1;
  }
  return low;
}
