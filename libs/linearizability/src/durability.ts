/**
 * Is every acknowledged write there in the end? Weaker than linearizability, and of use where that is not promised (at level
 * ONE): it asks about the last read of each key alone, and counts what is missing by the level of its acknowledgement.
 *
 * What the key holds must come from a write that is not certainly older than another: none that was acknowledged may have
 * been invoked after its completion. A write of unknown outcome has no completion, so it may always be the last. A key that is
 * only incremented must hold at least what was acknowledged, and at most what was asked for.
 */
import { type History, KIND, LEVELS, type Level, TRUE } from './history.js';
import { isIntegerCode, NIL, UNRECORDED, type Value } from './values.js';

export interface DurabilityReport {
  /** Keys with a read that was invoked after the completion of all that was acknowledged. */
  readonly judgedKeys: number;
  /** Keys without one, keys that were lost on purpose, and those that mix increments or appends with other writes. */
  readonly unjudgedKeys: number;
  readonly acknowledged: Readonly<Record<Level, number>>;
  /** Of those acknowledged, how many are certainly not contained in what was read last. */
  readonly lost: Readonly<Record<Level, number>>;
  readonly losses: readonly KeyLoss[];
}

export interface KeyLoss {
  readonly key: string;
  /** The read that should have seen them, and what it saw. */
  readonly read: number;
  readonly found: Value;
  /** Ids of acknowledged writes that are missing, those of the highest level first. */
  readonly missing: readonly number[];
}

export function checkDurability(history: History): DurabilityReport {
  const acknowledged = { ONE: 0, QUORUM: 0, ALL: 0 };
  const lost = { ONE: 0, QUORUM: 0, ALL: 0 };
  const losses: KeyLoss[] = [];
  let judgedKeys = 0;
  for (const [key, ids] of history.idsByKey()) {
    const writes = ids.filter((id) => mayWrite(history, id));
    const acked = writes.filter((id) => history.isOk(id));
    for (const id of acked) acknowledged[levelOf(history, id)]++;
    const read = finalRead(history, ids, acked);
    const missing = read === undefined ? undefined : missingIn(history, writes, acked, history.resultCodes[read]);
    if (read === undefined || missing === undefined) continue;
    judgedKeys++;
    if (missing.length === 0) continue;
    for (const id of missing) lost[levelOf(history, id)]++;
    missing.sort((a, b) => history.levels[b] - history.levels[a] || a - b);
    losses.push({ key, read, found: history.values.textOf(history.resultCodes[read]), missing });
  }
  return { judgedKeys, unjudgedKeys: history.keyCount - judgedKeys, acknowledged, lost, losses };
}

const levelOf = (history: History, id: number): Level => LEVELS[history.levels[id]];

/** Whether it has changed the key, or may have. */
function mayWrite(history: History, id: number): boolean {
  if (history.kinds[id] === KIND.read) return false;
  if (!history.isOk(id)) return history.isUnknown(id);
  const result = history.resultCodes[id];
  return history.kinds[id] >= KIND.increment || result === UNRECORDED || result === TRUE;
}

/** The last read, if it began after all acknowledgements. */
function finalRead(history: History, ids: readonly number[], acked: readonly number[]): number | undefined {
  const reads = ids.filter((id) => history.kinds[id] === KIND.read && history.isOk(id));
  if (reads.length === 0) return undefined;
  const last = reads.reduce((a, b) => (history.invokedAt[b] >= history.invokedAt[a] ? b : a));
  return acked.every((id) => history.completedAt[id] <= history.invokedAt[last]) ? last : undefined;
}

/** Undefined where that cannot be said. */
function missingIn(
  history: History,
  writes: readonly number[],
  acked: readonly number[],
  found: number,
): number[] | undefined {
  const kinds = new Set(writes.map((id) => history.kinds[id]));
  if (kinds.has(KIND.append) || kinds.has(KIND.loss)) return undefined;
  if (!kinds.has(KIND.increment)) return newerThan(history, writes, acked, found);
  return kinds.size === 1 ? missingIncrements(history, writes, acked, found) : undefined;
}

/** Acknowledged writes that came after every write that may have left `found` behind. */
function newerThan(history: History, writes: readonly number[], acked: readonly number[], found: number): number[] {
  let latest = -Infinity;
  for (const id of writes) {
    const left = history.kinds[id] === KIND.delete ? NIL : history.argumentCodes[id];
    if (left === found) latest = Math.max(latest, history.isOk(id) ? history.completedAt[id] : Infinity);
  }
  return acked.filter((id) => history.invokedAt[id] > latest);
}

/** As many of the latest as it takes to explain what lacks; which ones it was nobody can tell. */
function missingIncrements(
  history: History,
  writes: readonly number[],
  acked: readonly number[],
  found: number,
): number[] | undefined {
  if (writes.some((id) => history.argumentCodes[id] < 0)) return undefined;
  const held = isIntegerCode(found) ? found : 0;
  let lacking = acked.reduce((sum, id) => sum + history.argumentCodes[id], 0) - held;
  const missing: number[] = [];
  for (const id of acked.toReversed()) {
    if (lacking <= 0) break;
    lacking -= history.argumentCodes[id];
    missing.push(id);
  }
  return missing;
}
