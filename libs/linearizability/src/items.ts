/**
 * One key's operations as the checkers see them: those that failed are gone, and so are reads of unknown outcome, which tell
 * nothing. What remains either must be placed in an order, or may be.
 */
import { type History, KIND, TRUE } from './history.js';
import { UNRECORDED } from './values.js';

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
