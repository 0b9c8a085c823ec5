/**
 * How long each key could not be used: the longest time in which operations on it were waiting or refused, and none was
 * answered. It begins with the invocation of the first of them, or with the answer before it if that came later.
 */
import type { History } from '#libs/linearizability';

export interface Unavailability {
  readonly key: string;
  readonly fromMs: number;
  readonly untilMs: number;
}

/** The longest of each key that had one, the longest first. */
export function unavailabilities(history: History, endMs: number): Unavailability[] {
  const found: Unavailability[] = [];
  for (const [key, ids] of history.idsByKey()) {
    const longest = longestOf(history, ids, endMs);
    if (longest !== undefined) found.push({ key, ...longest });
  }
  return found.sort((a, b) => lengthOf(b) - lengthOf(a));
}

export const lengthOf = ({ fromMs, untilMs }: { fromMs: number; untilMs: number }): number => untilMs - fromMs;

function longestOf(history: History, ids: readonly number[], endMs: number): Omit<Unavailability, 'key'> | undefined {
  const { completedAt, invokedAt } = history;
  const byCompletion = [...ids].sort((a, b) => completedAt[a] - completedAt[b] || a - b);
  let longest: Omit<Unavailability, 'key'> | undefined;
  let answeredMs = -Infinity;
  let waitingSinceMs = Infinity;
  const consider = (untilMs: number): void => {
    if (waitingSinceMs === Infinity) return;
    const span = { fromMs: waitingSinceMs, untilMs };
    if (longest === undefined || lengthOf(span) > lengthOf(longest)) longest = span;
  };
  for (const id of byCompletion) {
    waitingSinceMs = Math.min(waitingSinceMs, Math.max(invokedAt[id], answeredMs));
    if (!history.isOk(id)) continue;
    consider(completedAt[id]);
    answeredMs = completedAt[id];
    waitingSinceMs = Infinity;
  }
  consider(endMs);
  return longest;
}
