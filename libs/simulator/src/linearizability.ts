/**
 * Is there an order of one key's operations that explains every answer? The search of Wing and Gong ("Testing and verifying
 * concurrent objects", 1993) with Lowe's memoisation of visited configurations ("Testing for linearizability", 2017), and
 * three additions:
 * - an operation of unknown outcome may be placed anywhere after its invocation, or left out;
 * - a loss (the crash of the key's owner, where nothing else holds the data) may make the key absent at its own time only;
 * - operations of one connection keep their order, as pipelining promises; an unknown one that was overtaken never happened.
 */
import type { KeyOperation, KeyState } from './history.js';
import { IMPOSSIBLE, step } from './key-model.js';

export interface LinearizabilityResult {
  readonly verdict: 'ok' | 'violation' | 'undecided';
  /** Where the longest explanation that was found ends: the operations of which none can come next. */
  readonly stuckAt: readonly KeyOperation[];
  readonly configurations: number;
}

interface Item {
  readonly startMs: number;
  readonly endMs: number;
  readonly isMandatory: boolean;
  /** Undefined for a loss. */
  readonly operation: KeyOperation | undefined;
  /** The same connection's operation before it that must have happened, or -1. */
  mandatoryBefore: number;
  /** The same connection's next operation of this key, or -1. */
  nextOfConnection: number;
}

/** Configurations visited before the search gives up: some seconds of work. */
const MAX_CONFIGURATIONS = 60_000;

export function checkKey(
  operations: readonly KeyOperation[],
  lossesMs: readonly number[] = [],
  maxConfigurations = MAX_CONFIGURATIONS,
): LinearizabilityResult {
  const items = itemsOf(operations, lossesMs);
  const quick = new Search(items, maxConfigurations, true).run();
  if (quick.verdict === 'ok' || kindOf(items) !== 'other') return quick;
  return new Search(items, maxConfigurations, false).run();
}

/** Failed operations had no effect, and unknown reads tell nothing: both are left out. */
function itemsOf(operations: readonly KeyOperation[], lossesMs: readonly number[]): Item[] {
  const items: Item[] = [];
  for (const operation of operations) {
    const { outcome, action, invokeMs, returnMs } = operation;
    if (outcome === 'failed' || (outcome === 'unknown' && action.kind === 'get')) continue;
    const isMandatory = outcome === 'ok';
    const endMs = isMandatory ? returnMs : Infinity;
    items.push({ startMs: invokeMs, endMs, isMandatory, operation, mandatoryBefore: -1, nextOfConnection: -1 });
  }
  for (const atMs of lossesMs) {
    const endMs = atMs;
    items.push({
      startMs: atMs,
      endMs,
      isMandatory: false,
      operation: undefined,
      mandatoryBefore: -1,
      nextOfConnection: -1,
    });
  }
  items.sort((a, b) => a.startMs - b.startMs || (a.operation?.id ?? -1) - (b.operation?.id ?? -1));
  linkConnections(items);
  return items;
}

function linkConnections(items: Item[]): void {
  const last = new Map<number, number>();
  const lastMandatory = new Map<number, number>();
  items.forEach((item, index) => {
    if (item.operation === undefined) return;
    const { connection } = item.operation;
    const before = last.get(connection);
    if (before !== undefined) items[before].nextOfConnection = index;
    item.mandatoryBefore = lastMandatory.get(connection) ?? -1;
    last.set(connection, index);
    if (item.isMandatory) lastMandatory.set(connection, index);
  });
}

class Search {
  private readonly isDone: Uint8Array;
  private readonly visited = new Set<string>();
  private mandatoryLeft: number;
  private best = -1;
  private bestStuck: readonly KeyOperation[] = [];
  private placed = 0;
  private readonly optionalItems: readonly number[];
  /** What a key's operations allow to leave out of the search, see {@link isWorthwhile}. */
  private readonly kind: KeyKind;

  constructor(
    private readonly items: readonly Item[],
    private readonly maxConfigurations: number,
    private readonly isQuick: boolean,
  ) {
    this.kind = kindOf(items);
    this.optionalItems = items.flatMap((item, index) => (item.isMandatory ? [] : [index]));
    this.isDone = new Uint8Array(items.length);
    this.mandatoryLeft = items.filter((item) => item.isMandatory).length;
  }

  run(): LinearizabilityResult {
    const isExplained = this.explore(undefined, -Infinity);
    const configurations = this.visited.size;
    if (isExplained) return { verdict: 'ok', stuckAt: [], configurations };
    const verdict = configurations >= this.maxConfigurations ? 'undecided' : 'violation';
    return { verdict, stuckAt: this.bestStuck, configurations };
  }

  /** `timeMs`: the latest invocation among the operations placed so far; nothing that ended before can come now. */
  private explore(state: KeyState, timeMs: number): boolean {
    if (this.mandatoryLeft === 0) return true;
    if (this.visited.size >= this.maxConfigurations) return false;
    const first = this.firstMandatory();
    const candidates = this.candidates(first, timeMs);
    const key = this.configuration(first, candidates.optional, state);
    if (this.visited.has(key)) return false;
    this.visited.add(key);
    this.rememberBest(candidates.mandatory);
    for (const index of candidates.mandatory) if (this.place(index, state, timeMs)) return true;
    for (const index of candidates.optional) {
      if (this.isWorthwhile(index, state, candidates.mandatory) && this.place(index, state, timeMs)) return true;
    }
    return false;
  }

  /**
   * Whether an optional item could make a difference here. A register's operations overwrite everything, so one of them
   * matters only directly before an operation that needs it; a counter's, only where something cannot come next yet. Of
   * other keys the latter is a guess that is nearly always right: an explanation that it finds is one, and where it finds
   * none everything is tried.
   */
  private isWorthwhile(index: number, state: KeyState, mandatory: readonly number[]): boolean {
    if (!this.isQuick) return true;
    const { operation } = this.items[index];
    const after = operation === undefined ? undefined : step(state, operation);
    return mandatory.some((each) => {
      const needing = this.items[each].operation as KeyOperation;
      if (step(state, needing) !== IMPOSSIBLE) return false;
      return this.kind !== 'register' || (after !== IMPOSSIBLE && step(after, needing) !== IMPOSSIBLE);
    });
  }

  private place(index: number, state: KeyState, timeMs: number): boolean {
    const item = this.items[index];
    const next = item.operation === undefined ? undefined : step(state, item.operation);
    if (next === IMPOSSIBLE) return false;
    this.isDone[index] = 1;
    this.placed++;
    if (item.isMandatory) this.mandatoryLeft--;
    if (this.explore(next, Math.max(timeMs, item.startMs))) return true;
    if (item.isMandatory) this.mandatoryLeft++;
    this.placed--;
    this.isDone[index] = 0;
    return false;
  }

  private firstMandatory(): number {
    const { items, isDone } = this;
    let first = 0;
    while (first < items.length && (isDone[first] === 1 || !items[first].isMandatory)) first++;
    return first;
  }

  /** What may come next: nothing that was invoked after an operation that is still to be placed has returned. */
  private candidates(first: number, timeMs: number): { mandatory: number[]; optional: number[] } {
    const { items, isDone } = this;
    let horizonMs = Infinity;
    const inOrder: number[] = [];
    for (let i = first; i < items.length && items[i].startMs <= horizonMs; i++) {
      const item = items[i];
      if (isDone[i] === 1 || !item.isMandatory) continue;
      horizonMs = Math.min(horizonMs, item.endMs);
      if (this.isInOrder(item)) inOrder.push(i);
    }
    const mandatory = inOrder.filter((index) => items[index].startMs <= horizonMs);
    const optional = this.optionalItems.filter((index) => {
      const item = items[index];
      if (isDone[index] === 1 || item.startMs > horizonMs || item.endMs < timeMs) return false;
      return this.isInOrder(item) && !this.isOvertaken(item);
    });
    mandatory.sort((a, b) => items[a].endMs - items[b].endMs);
    return { mandatory, optional };
  }

  private isInOrder({ mandatoryBefore }: Item): boolean {
    return mandatoryBefore < 0 || this.isDone[mandatoryBefore] === 1;
  }

  private isOvertaken(item: Item): boolean {
    for (let later = item.nextOfConnection; later >= 0; later = this.items[later].nextOfConnection) {
      if (this.isDone[later] === 1) return true;
    }
    return false;
  }

  /** Of two ways to one configuration only the first is followed. Optional items that cannot come any more do not count. */
  private configuration(first: number, optional: readonly number[], state: KeyState): string {
    const { items, isDone } = this;
    let done = '';
    for (let i = first + 1; i < items.length; i++) if (isDone[i] === 1) done += `${i},`;
    return `${first};${done};${optional.join(',')};${state ?? '\0'}`;
  }

  private rememberBest(candidates: readonly number[]): void {
    if (this.placed <= this.best) return;
    this.best = this.placed;
    this.bestStuck = candidates.flatMap((index) => this.items[index].operation ?? []);
  }
}

type KeyKind = 'register' | 'counter' | 'other';

function kindOf(items: readonly Item[]): KeyKind {
  const kinds = new Set(items.map(({ operation }) => operation?.action.kind));
  if (kinds.has('append')) return 'other';
  if (!kinds.has('increment')) return 'register';
  return kinds.has('set') || kinds.has('delete') ? 'other' : 'counter';
}
