/**
 * Looks for an order of one key's operations that explains every answer: the search of Wing and Gong ("Testing and Verifying
 * Concurrent Objects", 1993), which places one operation after the other and goes back where none fits, with the memory of
 * Lowe ("Testing for Linearizability", 2017), as in Porcupine: what was tried from one configuration is not tried again from
 * the same. What is added changes no verdict, only how soon it is found:
 *
 * - What is known to have changed nothing is placed as soon as it fits.
 * - Operations of unknown outcome are not in the list: they may come at any time from their start on, or never, so they are
 *   tried only where an operation of the list does not fit yet, and fewer of them are better than more ({@link MemoTable}).
 * - Of operations that do the same one is tried ({@link twinsOf}); writes that nobody can have read do the same
 *   ({@link withUnseenWrites}).
 * - What something still needs is not overwritten if nothing can write it again ({@link Outlook}).
 */
import { ClientOrder } from './client-order.js';
import { KIND } from './history.js';
import { isBlind, isObserver, type Items } from './items.js';
import { NONE, Placement } from './placement.js';
import { type Twins, twinsOf } from './twins.js';
import { IMPOSSIBLE, type ValueTable } from './values.js';

export type Verdict = 'linearizable' | 'violation' | 'undecided';

export class Search {
  private readonly placement: Placement;
  private readonly order: ClientOrder;
  private readonly twins: Twins;
  private readonly areOptionalsBlind: boolean;
  /** When something may have been lost; each can come at that time only. */
  private readonly losses: readonly number[];
  /** By depth: what starts after this cannot come next, since something of the list has ended before. */
  private readonly horizons: Float64Array;

  constructor(
    private readonly items: Items,
    values: ValueTable,
    keepsClientOrder: boolean,
    private readonly maxSteps: number,
  ) {
    this.placement = new Placement(items, values);
    this.order = new ClientOrder(items, keepsClientOrder);
    this.twins = twinsOf(items, keepsClientOrder);
    const { optionals } = this.placement;
    this.areOptionalsBlind = optionals.every((index) => isBlind(items[index]));
    this.losses = optionals.filter((index) => items[index].end !== Infinity);
    this.horizons = new Float64Array(items.length + 1);
  }

  get steps(): number {
    return this.placement.steps;
  }

  run(): Verdict {
    const { placement } = this;
    for (;;) {
      this.placeObservers();
      if (placement.mandatoryLeft === 0) return 'linearizable';
      let move = placement.isNew() ? this.nextMove(NONE) : NONE;
      while (move === NONE) {
        if (placement.steps >= this.maxSteps) return 'undecided';
        const undone = placement.undo();
        if (undone === NONE) return 'violation';
        move = this.nextMove(undone);
      }
      if (placement.steps >= this.maxSteps) return 'undecided';
      placement.place(move, false);
    }
  }

  /** Puts down whatever is known to have changed nothing and fits now: it cannot be in the way of anything. */
  private placeObservers(): void {
    const { items, placement } = this;
    const { list } = placement;
    let horizon = Infinity;
    for (let i = list.next(list.end); i !== list.end && items[i].start <= horizon; i = list.next(i)) {
      if (this.canObserveNow(i)) placement.place(i, true);
      else horizon = Math.min(horizon, items[i].end);
    }
    this.horizons[placement.depth] = horizon;
  }

  private canObserveNow(index: number): boolean {
    const item = this.items[index];
    if (!isObserver(item) || !this.order.excludesNothing(index, this.placement.isPlaced)) return false;
    return !this.losses.some((loss) => this.wouldMiss(loss, item.start)) && this.fits(index);
  }

  /** Whether a loss is possible until something is placed that started at this time. */
  private wouldMiss(loss: number, start: number): boolean {
    const { end } = this.items[loss];
    return this.placement.isPlaced[loss] === 0 && end >= this.placement.latestStart && end < start;
  }

  /** Whether it may come next, whatever time says. */
  private fits(index: number): boolean {
    const { placement, order } = this;
    const { isPlaced, outlook, state } = placement;
    if (!order.permits(index, isPlaced) || !outlook.permits(index, state)) return false;
    return placement.after(state, index) !== IMPOSSIBLE;
  }

  /** The alternative that follows on `previous` here: first those of the list, then the optional ones. */
  private nextMove(previous: number): number {
    const { list, optionals, depth } = this.placement;
    const horizon = this.horizons[depth];
    if (previous < list.end) {
      const first = this.firstToEnd(previous, horizon);
      if (first !== NONE) return first;
    }
    for (let k = Math.max(0, previous + 1 - list.end); k < optionals.length; k++) {
      const index = optionals[k];
      if (this.isOpen(index, horizon) && this.isWorthwhile(index, horizon)) return list.end + k;
    }
    return NONE;
  }

  /** Of the list's operations that fit, the one that ends first, but after `previous`: what is urgent is tried first. */
  private firstToEnd(previous: number, horizon: number): number {
    const { items } = this;
    const { list } = this.placement;
    let best = NONE;
    for (let i = list.next(list.end); i !== list.end && items[i].start <= horizon; i = list.next(i)) {
      if (previous !== NONE && !this.endsBefore(previous, i)) continue;
      if (best !== NONE && this.endsBefore(best, i)) continue;
      if (this.fits(i) && !this.hasUrgentTwin(i, horizon)) best = i;
    }
    return best;
  }

  private endsBefore(one: number, other: number): boolean {
    const difference = this.items[one].end - this.items[other].end;
    return difference < 0 || (difference === 0 && one < other);
  }

  private hasUrgentTwin(index: number, horizon: number): boolean {
    const { items } = this;
    const { list } = this.placement;
    const { groups } = this.twins;
    if (groups[index] === NONE) return false;
    for (let i = list.next(list.end); i !== list.end && items[i].start <= horizon; i = list.next(i)) {
      if (groups[i] === groups[index] && this.endsBefore(i, index)) return true;
    }
    return false;
  }

  /** Whether an optional operation may come next. */
  private isOpen(index: number, horizon: number): boolean {
    const { isPlaced, latestStart } = this.placement;
    const { start, end } = this.items[index];
    if (isPlaced[index] === 1 || start > horizon || end < latestStart) return false;
    const twin = this.twins.earlier[index];
    return (twin === NONE || isPlaced[twin] === 1) && this.fits(index);
  }

  /**
   * Whether an optional operation could make a difference here. Take an order that continues this configuration and has as
   * few optional operations as possible, some of them first, then one of the list. If the latter fits the present state as well,
   * then either it leaves the same state behind, and the optional ones were superfluous, or it is an observer, and can change
   * places with them. So something of the list must not fit yet; where the optional ones are blind, so that only the last of
   * them counts, it must also fit afterwards. Only an append fits several states and keeps a trace of which it was.
   */
  private isWorthwhile(index: number, horizon: number): boolean {
    const { items, order, placement } = this;
    const { list, state, isPlaced } = placement;
    const after = placement.after(state, index);
    if (after === state) return false;
    placement.tries++;
    for (let i = list.next(list.end); i !== list.end && items[i].start <= horizon; i = list.next(i)) {
      if (!order.permits(i, isPlaced)) continue;
      const isIndifferent = items[i].kind !== KIND.append && !isObserver(items[i]);
      if (isIndifferent && placement.after(state, i) !== IMPOSSIBLE) continue;
      if (!this.areOptionalsBlind || placement.after(after, i) !== IMPOSSIBLE) return true;
    }
    return false;
  }
}
