/**
 * Operations that do the same in whatever state: in any order that has two of them, they can change places as far as time
 * permits. So of those that may come next a search need not try each: of operations that must happen the first to end is
 * enough, of others, which have no end, the first to start.
 */
import type { Items } from './items.js';

const NONE = -1;

export interface Twins {
  /** By index, for what must happen: the same number for the same operation; NONE for those that are like no other. */
  readonly groups: Int32Array;
  /** By index, for what may be left out: the twin that started before it, or NONE. */
  readonly earlier: Int32Array;
}

/** With `keepsClientOrder` it matters whose operation is placed. */
export function twinsOf(items: Items, keepsClientOrder: boolean): Twins {
  const groups = new Int32Array(items.length).fill(NONE);
  const earlier = new Int32Array(items.length).fill(NONE);
  if (keepsClientOrder) return { groups, earlier };
  // A loss has a time of its own, and then it matters which of two twins is placed before it.
  const isLossPossible = items.some(({ isOptional, end }) => isOptional && end !== Infinity);
  const latest = new Map<string, number>();
  items.forEach(({ kind, argument, result, isOptional, end }, index) => {
    if (isOptional ? end !== Infinity : isLossPossible) return;
    const effect = `${isOptional ? '?' : ''}${kind} ${argument} ${result}`;
    const twin = latest.get(effect) ?? NONE;
    latest.set(effect, index);
    if (isOptional) earlier[index] = twin;
    else if (twin !== NONE) groups[index] = groups[twin] = groups[twin] === NONE ? twin : groups[twin];
  });
  return { groups, earlier };
}
