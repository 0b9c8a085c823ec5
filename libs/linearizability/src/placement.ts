/**
 * How far a search has come: which operations are placed, in which order, the state after them, and what was met before. A move
 * places one: below `items.length` it is the index of an operation of the list, `items.length + k` is the k-th optional one.
 */
import { LINEARIZABILITY_BOUNDS } from './bounds.js';
import { EntryList } from './entry-list.js';
import type { Items } from './items.js';
import { MemoTable } from './memo-table.js';
import { step } from './model.js';
import { Outlook } from './outlook.js';
import { NIL, type ValueTable } from './values.js';

export const NONE = -1;
/** Comparisons of configurations that cost about as much as an operation that is tried: 8. */
const COMPARISON_SHIFT = 3;
/** What a configuration begins with in the memo: the last placed, and the state in two words. */
const CONFIGURATION_HEAD = 3;

export class Placement {
  state = NIL;
  /** The latest start of all that is placed. */
  latestStart = -Infinity;
  /** Moves that were made and not taken back. */
  depth = 0;
  mandatoryLeft: number;
  /** The operations that must be placed and are not, by index. */
  readonly list: EntryList;
  /** Indexes of those that may be left out. */
  readonly optionals: readonly number[];
  readonly isPlaced: Uint8Array;
  readonly outlook: Outlook;
  /** Operations tried: whoever tries counts. */
  tries = 0;

  /** By depth: the move, whether it had alternatives, and how it was before. */
  private readonly moves: Int32Array;
  private readonly isForced: Uint8Array;
  private readonly statesBefore: Float64Array;
  private readonly lastsBefore: Int32Array;
  private readonly latestStartsBefore: Float64Array;
  /** The highest index of the list's operations that are placed. */
  private last = NONE;
  private readonly memo = new MemoTable(LINEARIZABILITY_BOUNDS.maxMemoWords);
  private readonly configuration: Int32Array;

  constructor(
    private readonly items: Items,
    private readonly values: ValueTable,
  ) {
    const { length } = items;
    const all = items.map((_, index) => index);
    const mandatory = all.filter((index) => !items[index].isOptional);
    this.optionals = all.filter((index) => items[index].isOptional);
    this.list = new EntryList(length, mandatory);
    this.mandatoryLeft = mandatory.length;
    this.outlook = new Outlook(items);
    this.isPlaced = new Uint8Array(length);
    this.moves = new Int32Array(length);
    this.isForced = new Uint8Array(length);
    this.statesBefore = new Float64Array(length);
    this.lastsBefore = new Int32Array(length);
    this.latestStartsBefore = new Float64Array(length);
    this.configuration = new Int32Array(CONFIGURATION_HEAD + length + ((this.optionals.length + 31) >>> 5));
  }

  /** The measure of work: operations tried, and configurations compared. */
  get steps(): number {
    return this.tries + (this.memo.comparisons >>> COMPARISON_SHIFT);
  }

  /** The state after an operation that comes in `state`, or IMPOSSIBLE. */
  after(state: number, index: number): number {
    return step(this.values, state, this.items[index]);
  }

  indexOf(move: number): number {
    return move < this.list.end ? move : this.optionals[move - this.list.end];
  }

  /** A forced move is no alternative to others: {@link undo} goes past it. */
  place(move: number, isForced: boolean): void {
    const { depth } = this;
    const index = this.indexOf(move);
    this.moves[depth] = move;
    this.isForced[depth] = isForced ? 1 : 0;
    this.statesBefore[depth] = this.state;
    this.lastsBefore[depth] = this.last;
    this.latestStartsBefore[depth] = this.latestStart;
    this.depth++;
    this.tries++;
    this.state = this.after(this.state, index);
    this.latestStart = Math.max(this.latestStart, this.items[index].start);
    this.isPlaced[index] = 1;
    this.outlook.place(index);
    if (move >= this.list.end) return;
    this.list.lift(move);
    this.mandatoryLeft--;
    this.last = Math.max(this.last, move);
  }

  /** Takes back the last move that had alternatives, and answers it; NONE where there was none. */
  undo(): number {
    while (this.depth > 0) {
      const depth = --this.depth;
      const move = this.moves[depth];
      const index = this.indexOf(move);
      this.state = this.statesBefore[depth];
      this.last = this.lastsBefore[depth];
      this.latestStart = this.latestStartsBefore[depth];
      this.isPlaced[index] = 0;
      this.outlook.undo(index);
      if (move < this.list.end) {
        this.list.unlift(move);
        this.mandatoryLeft++;
      }
      if (this.isForced[depth] === 0) return move;
    }
    return NONE;
  }

  /**
   * Whether this configuration is worth going on from: the same operations of the list have not been placed, with the same
   * state behind them and no other optional ones, before. Of the list it suffices to say which is the last that is placed, and
   * which before it are not: these are concurrent with it, so there are few.
   */
  isNew(): boolean {
    const { configuration: words, list, optionals, last } = this;
    words[0] = last;
    words[1] = this.state;
    words[2] = Math.floor(this.state / 0x1_0000_0000);
    let length = CONFIGURATION_HEAD;
    for (let i = list.next(list.end); i < last; i = list.next(i)) words[length++] = i;
    const keyLength = length;
    for (let k = 0; k < optionals.length; k += 32) {
      let bits = 0;
      const until = Math.min(32, optionals.length - k);
      for (let bit = 0; bit < until; bit++) bits |= this.isPlaced[optionals[k + bit]] << bit;
      words[length++] = bits;
      this.tries++;
    }
    return this.memo.add(words, keyLength, length);
  }
}
