/**
 * One key's operations as the checkers see them: those that failed are gone, and so are reads of unknown outcome, which tell
 * nothing. What remains either must be placed in an order, or may be.
 */
import { type History, KIND, TRUE } from './history.js';
import { NIL, UNRECORDED } from './values.js';

export interface Item {
  /** In the history. */
  readonly id: number;
  readonly client: number;
  readonly kind: number;
  readonly argument: number;
  /** {@link UNRECORDED} where nobody knows. */
  readonly result: number;
  readonly start: number;
  /** Nothing that starts later may come before it. Infinity for unknown outcomes. */
  readonly end: number;
  /** It may have happened or not, so it may be left out. */
  readonly isOptional: boolean;
}

/** Of an operation that needs no certain state, or leaves the one behind that it has found. */
export const NO_STATE = -7;
/** Of one that may leave anything behind. */
export const ANY_STATE = -9;

/** Sorted by their starts. */
export type Items = readonly Item[];

export function itemsOf(history: History, ids: readonly number[]): Items {
  const items: Item[] = [];
  for (const id of ids) {
    const kind = history.kinds[id];
    const isOk = history.isOk(id);
    if (!isOk && (!history.isUnknown(id) || kind === KIND.read)) continue;
    items.push({
      id,
      client: history.clients[id],
      kind,
      argument: history.argumentCodes[id],
      result: history.resultCodes[id],
      start: history.invokedAt[id],
      end: isOk || kind === KIND.loss ? history.completedAt[id] : Infinity,
      isOptional: !isOk,
    });
  }
  return items.sort((a, b) => a.start - b.start || a.id - b.id);
}

/** Whether it is known to have changed nothing, so that its place in an order matters to no other operation. */
export function isObserver({ kind, result, isOptional }: Item): boolean {
  if (isOptional) return false;
  switch (kind) {
    case KIND.read:
      return true;
    case KIND.delete:
    case KIND.setIfAbsent:
    case KIND.setIfPresent:
      return result !== TRUE && result !== UNRECORDED;
    default:
      return false;
  }
}

/** Whether the state after it depends on nothing, and neither does whether it fits. */
export function isBlind({ kind, result }: Item): boolean {
  return kind === KIND.write || kind === KIND.loss || (kind === KIND.delete && result === UNRECORDED);
}

/** The state that it must find; NO_STATE where there are several. */
export function stateNeeded({ kind, argument, result, isOptional }: Item): number {
  if (isOptional) return NO_STATE;
  switch (kind) {
    case KIND.read:
      return result;
    case KIND.setIfAbsent:
      return result === TRUE ? NIL : NO_STATE;
    case KIND.setIfPresent:
    case KIND.delete:
      return result === TRUE || result === UNRECORDED ? NO_STATE : NIL;
    case KIND.increment:
      // The key may have been absent before it, or 0.
      return result === argument ? NO_STATE : result - argument;
    default:
      return NO_STATE;
  }
}

/** The state after it; NO_STATE where that is the one before it. */
export function stateLeft(item: Item): number {
  const { kind, argument, result } = item;
  if (isObserver(item)) return NO_STATE;
  if (kind === KIND.delete || kind === KIND.loss) return NIL;
  if (kind === KIND.append || (kind === KIND.increment && result === UNRECORDED)) return ANY_STATE;
  return kind === KIND.increment ? result : argument;
}
