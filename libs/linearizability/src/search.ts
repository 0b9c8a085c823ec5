/**
 * Looks for an order of one key's operations that explains every answer: the search of Wing and Gong ("Testing and Verifying
 * Concurrent Objects", 1993), which places one operation after the other and goes back where none fits, with the memory of
 * Lowe ("Testing for Linearizability", 2017), as in Porcupine: of two ways to the same set of placed operations and the same
 * state only the first is followed. Three additions, none of which changes a verdict:
 *
 * - What is known to have changed nothing is placed as soon as it fits.
 * - Operations of unknown outcome are not in the list: they may come at any time from their start on, or never, so they are
 *   tried only where an operation of the list does not fit yet (see {@link Search.isWorthwhile}).
 * - Of unknown ones that do the same, the earliest is tried alone.
 */
import { LINEARIZABILITY_BOUNDS } from './bounds.js';
import { ClientOrder } from './client-order.js';
import { EntryList } from './entry-list.js';
import { KIND } from './history.js';
import { isBlind, isObserver, type Item, type Items } from './items.js';
import { MemoTable } from './memo-table.js';
import { step } from './model.js';
import { IMPOSSIBLE, NIL, type ValueTable } from './values.js';

export type Verdict = 'linearizable' | 'violation' | 'undecided';

const NONE = -1;
/** What a configuration begins with in the memo: the last placed, and the state in two words. */
const CONFIGURATION_HEAD = 3;

export class Search {
  /** Operations that were placed so far; the measure of work. */
  steps = 0;
  private state = NIL;
  private readonly isPlaced: Uint8Array;
  private readonly list: EntryList;
  private mandatoryLeft: number;
  /** Indexes of what may be left out; in the search, the k-th is move `items.length + k`. */
  private readonly optionals: readonly number[];
  /** By place in `optionals`: the one before that does the same, or NONE. */
  private readonly twins: readonly number[];
  private readonly areOptionalsBlind: boolean;
  /** When something may have been lost; each can come at that time only. */
  private readonly losses: readonly number[];
  private readonly order: ClientOrder;

  /** What was placed, and how it was before that. Moves that are not alternatives to others are forced. */
  private depth = 0;
  private readonly moves: Int32Array;
  private readonly isForced: Uint8Array;
  private readonly statesBefore: Float64Array;
  private readonly lastsBefore: Int32Array;
  private readonly latestStartsBefore: Float64Array;
  /** By depth: what starts after this cannot come next, since something has ended before. */
  private readonly horizons: Float64Array;
  /** Of all that is placed: the highest index of the list's operations, and the latest start. */
  private last = NONE;
  private latestStart = -Infinity;

  private readonly memo = new MemoTable(LINEARIZABILITY_BOUNDS.maxMemoWords);
  private readonly configuration: Int32Array;

  constructor(
    private readonly items: Items,
    private readonly values: ValueTable,
    keepsClientOrder: boolean,
    private readonly maxSteps: number,
  ) {
    const { length } = items;
    const all = items.map((_, index) => index);
    const mandatory = all.filter((index) => !items[index].isOptional);
    this.optionals = all.filter((index) => items[index].isOptional);
    this.twins = twinsOf(this.optionals, items, keepsClientOrder);
    this.areOptionalsBlind = this.optionals.every((index) => isBlind(items[index]));
    this.losses = this.optionals.filter((index) => items[index].end !== Infinity);
    this.order = new ClientOrder(items, keepsClientOrder);
    this.isPlaced = new Uint8Array(length);
    this.list = new EntryList(length, mandatory);
    this.mandatoryLeft = mandatory.length;
    this.moves = new Int32Array(length);
    this.isForced = new Uint8Array(length);
    this.statesBefore = new Float64Array(length);
    this.lastsBefore = new Int32Array(length);
    this.latestStartsBefore = new Float64Array(length);
    this.horizons = new Float64Array(length + 1);
    this.configuration = new Int32Array(CONFIGURATION_HEAD + length + ((this.optionals.length + 31) >>> 5));
  }

  run(): Verdict {
    for (;;) {
      this.placeObservers();
      if (this.mandatoryLeft === 0) return 'linearizable';
      if (this.steps >= this.maxSteps) return 'undecided';
      let move = this.isNew() ? this.nextMove(NONE) : NONE;
      while (move === NONE) {
        const undone = this.undo();
        if (undone === NONE) return 'violation';
        move = this.nextMove(undone);
      }
      this.place(move, false);
    }
  }

  /** Puts down whatever is known to have changed nothing and fits now: it cannot be in the way of anything. */
  private placeObservers(): void {
    const { items, list } = this;
    let horizon = Infinity;
    for (let i = list.next(list.end); i !== list.end && items[i].start <= horizon; i = list.next(i)) {
      if (this.canObserveNow(i)) this.place(i, true);
      else horizon = Math.min(horizon, items[i].end);
    }
    this.horizons[this.depth] = horizon;
  }

  private canObserveNow(index: number): boolean {
    const item = this.items[index];
    if (!isObserver(item) || !this.order.excludesNothing(index, this.isPlaced)) return false;
    return !this.losses.some((loss) => this.wouldMiss(loss, item.start)) && this.fits(index);
  }

  /** Whether a loss is possible until something is placed that started at this time. */
  private wouldMiss(loss: number, start: number): boolean {
    const { end } = this.items[loss];
    return this.isPlaced[loss] === 0 && end >= this.latestStart && end < start;
  }

  private fits(index: number): boolean {
    return this.order.permits(index, this.isPlaced) && this.after(this.state, index) !== IMPOSSIBLE;
  }

  private after(state: number, index: number): number {
    return step(this.values, state, this.items[index]);
  }

  /** The alternative that follows on `previous` here: first those of the list, in order, then the optional ones. */
  private nextMove(previous: number): number {
    const { items, list } = this;
    const horizon = this.horizons[this.depth];
    if (previous < list.end) {
      let i = list.next(previous === NONE ? list.end : previous);
      for (; i !== list.end && items[i].start <= horizon; i = list.next(i)) if (this.fits(i)) return i;
    }
    for (let k = Math.max(0, previous + 1 - list.end); k < this.optionals.length; k++) {
      if (this.isOpen(k, horizon) && this.isWorthwhile(this.optionals[k], horizon)) return list.end + k;
    }
    return NONE;
  }

  /** Whether an optional operation may come next. */
  private isOpen(k: number, horizon: number): boolean {
    const index = this.optionals[k];
    const { start, end } = this.items[index];
    if (this.isPlaced[index] === 1 || start > horizon || end < this.latestStart) return false;
    const twin = this.twins[k];
    return (twin === NONE || this.isPlaced[twin] === 1) && this.order.permits(index, this.isPlaced);
  }

  /**
   * Whether an optional operation could make a difference here. Take an order that continues this configuration and has as
   * few optional operations as possible, some of them first, then one of the list. If the latter fits the present state as well,
   * then either it leaves the same state behind, and the optional ones were superfluous, or it is an observer, and can change
   * places with them. So something of the list must not fit yet; where the optional ones are blind, so that only the last of
   * them counts, it must also fit afterwards. Only an append fits several states and keeps a trace of which it was.
   */
  private isWorthwhile(index: number, horizon: number): boolean {
    const { items, list, state } = this;
    const after = this.after(state, index);
    if (after === IMPOSSIBLE || after === state) return false;
    for (let i = list.next(list.end); i !== list.end && items[i].start <= horizon; i = list.next(i)) {
      if (!this.order.permits(i, this.isPlaced)) continue;
      const isIndifferent = items[i].kind !== KIND.append && !isObserver(items[i]);
      if (isIndifferent && this.after(state, i) !== IMPOSSIBLE) continue;
      if (!this.areOptionalsBlind || this.after(after, i) !== IMPOSSIBLE) return true;
    }
    return false;
  }

  private place(move: number, isForced: boolean): void {
    const { depth, items, list } = this;
    const isOptional = move > list.end - 1;
    const index = isOptional ? this.optionals[move - list.end] : move;
    this.moves[depth] = move;
    this.isForced[depth] = isForced ? 1 : 0;
    this.statesBefore[depth] = this.state;
    this.lastsBefore[depth] = this.last;
    this.latestStartsBefore[depth] = this.latestStart;
    this.depth++;
    this.steps++;
    this.state = this.after(this.state, index);
    this.isPlaced[index] = 1;
    this.latestStart = Math.max(this.latestStart, items[index].start);
    if (isOptional) return;
    list.lift(index);
    this.mandatoryLeft--;
    this.last = Math.max(this.last, index);
  }

  /** Takes back the last move that had alternatives, and answers it; NONE where there was none. */
  private undo(): number {
    const { list } = this;
    while (this.depth > 0) {
      const depth = --this.depth;
      const move = this.moves[depth];
      this.state = this.statesBefore[depth];
      this.last = this.lastsBefore[depth];
      this.latestStart = this.latestStartsBefore[depth];
      if (move < list.end) {
        this.isPlaced[move] = 0;
        list.unlift(move);
        this.mandatoryLeft++;
      } else {
        this.isPlaced[this.optionals[move - list.end]] = 0;
      }
      if (this.isForced[depth] === 0) return move;
    }
    return NONE;
  }

  /**
   * Whether this set of placed operations, with this state, is met for the first time. Of the list it suffices to say which is
   * the last that is placed, and which before it are not: these are concurrent with it, so there are few.
   */
  private isNew(): boolean {
    const { configuration: words, list, optionals, last } = this;
    words[0] = last;
    words[1] = this.state;
    words[2] = Math.floor(this.state / 0x1_0000_0000);
    let length = CONFIGURATION_HEAD;
    for (let k = 0; k < optionals.length; k += 32) {
      let bits = 0;
      const until = Math.min(32, optionals.length - k);
      for (let bit = 0; bit < until; bit++) bits |= this.isPlaced[optionals[k + bit]] << bit;
      words[length++] = bits;
    }
    for (let i = list.next(list.end); i < last; i = list.next(i)) words[length++] = i;
    return this.memo.add(words, length);
  }
}

/** Losses have a time of their own, and under an order of clients it matters whose operation is placed. */
function twinsOf(optionals: readonly number[], items: Items, keepsClientOrder: boolean): number[] {
  const latest = new Map<string, number>();
  return optionals.map((index) => {
    const { kind, argument, end }: Item = items[index];
    if (keepsClientOrder || end !== Infinity) return NONE;
    const effect = `${kind} ${argument}`;
    const twin = latest.get(effect) ?? NONE;
    latest.set(effect, index);
    return twin;
  });
}
