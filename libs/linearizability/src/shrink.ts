/**
 * Leaves out of one key's violation what it does not need. Each step only takes demands away, so that an order of the larger
 * set would give one of the smaller: what is left proves the violation by itself.
 *
 * - Observers: they change nothing.
 * - What an operation demands of the state before it, where the state after it does not depend on that (`increment` to 7
 *   becomes a write of 7).
 * - Clusters: all writes of one value with all reads of it, as long as nothing else depends on that value.
 *
 * Parts are tried as in delta debugging (Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", 2002).
 */
import { KIND, TRUE } from './history.js';
import { isBlind, isObserver, type Item, type Items } from './items.js';
import { NIL, UNRECORDED } from './values.js';

/** `isViolation` must hold of `items`, and does of the answer. */
export function shrink(items: Items, isViolation: (items: Items) => boolean): Items {
  let core = withoutObservers(items, isViolation);
  core = weakened(core, isViolation);
  core = withoutClusters(core, isViolation);
  return withoutObservers(core, isViolation);
}

/** The fewest parts, as far as leaving out one run of them after the other can tell, with which it is enough still. */
function fewest<T>(parts: readonly T[], isEnough: (parts: readonly T[]) => boolean): readonly T[] {
  let kept = parts;
  for (let size = Math.ceil(parts.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < kept.length;) {
      const rest = [...kept.slice(0, at), ...kept.slice(at + size)];
      if (isEnough(rest)) kept = rest;
      else at += size;
    }
  }
  return kept;
}

function withoutObservers(items: Items, isViolation: (items: Items) => boolean): Items {
  const keeping = (observers: readonly Item[]): Items => {
    const kept = new Set(observers);
    return items.filter((item) => !isObserver(item) || kept.has(item));
  };
  return keeping(fewest(items.filter(isObserver), (observers) => isViolation(keeping(observers))));
}

function weakened(items: Items, isViolation: (items: Items) => boolean): Items {
  const keeping = (strong: readonly Item[]): Items => {
    const kept = new Set(strong);
    return items.map((item) => (kept.has(item) ? item : blindly(item)));
  };
  const strong = items.filter((item) => blindly(item) !== item);
  return keeping(fewest(strong, (kept) => isViolation(keeping(kept))));
}

/** The same state after it, whatever was before; the item itself where that cannot be said. */
function blindly(item: Item): Item {
  if (isObserver(item) || isBlind(item)) return item;
  switch (item.kind) {
    case KIND.delete:
      return { ...item, result: UNRECORDED };
    case KIND.setIfAbsent:
    case KIND.setIfPresent:
      return { ...item, kind: KIND.write, result: UNRECORDED };
    case KIND.increment:
      if (item.result === UNRECORDED) return item;
      return { ...item, kind: KIND.write, argument: item.result, result: UNRECORDED };
    default:
      return item;
  }
}

function withoutClusters(items: Items, isViolation: (items: Items) => boolean): Items {
  const needed = neededValues(items);
  if (needed === undefined) return items;
  const clusters = [...new Set(items.map(valueOf))].filter((value) => !needed.has(value));
  const keeping = (values: readonly number[]): Items => {
    const kept = new Set([...values, ...needed]);
    return items.filter((item) => kept.has(valueOf(item)));
  };
  return keeping(fewest(clusters, (values) => isViolation(keeping(values))));
}

/** What it leaves behind or, of a read, what it saw. */
function valueOf({ kind, argument, result }: Item): number {
  if (kind === KIND.read || kind === KIND.increment) return result;
  return kind === KIND.delete || kind === KIND.loss ? NIL : argument;
}

/** Values on which something depends that is neither a read nor blind; undefined where that may be any value. */
function neededValues(items: Items): Set<number> | undefined {
  const needed = new Set<number>();
  for (const item of items) {
    const { kind, argument, result } = item;
    if (kind === KIND.read || isBlind(item)) continue;
    if (kind === KIND.increment && result !== UNRECORDED)
      needed
        .add(result)
        .add(result - argument)
        .add(NIL);
    else if (kind === KIND.setIfAbsent && result === TRUE) needed.add(NIL).add(argument);
    else return undefined;
  }
  return needed;
}
