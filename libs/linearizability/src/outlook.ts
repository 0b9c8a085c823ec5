/**
 * What the unplaced operations of a search still need, so that it sees early that it has gone wrong: a value that something
 * must still find, and that nothing can write any more, must not be overwritten. With values that are written once this
 * keeps a write and its reads together, as in {@link checkZones}.
 */
import { ANY_STATE, type Items, NO_STATE, stateLeft, stateNeeded } from './items.js';

export class Outlook {
  /** By value, of unplaced operations: how many must find it, and how many may write it. */
  private readonly needs = new Map<number, number>();
  private readonly sources = new Map<number, number>();
  private readonly isClear: boolean;

  constructor(private readonly items: Items) {
    this.isClear = items.every((item) => stateLeft(item) !== ANY_STATE);
    items.forEach((_, index) => this.count(index, 1));
  }

  /** Whether the operation may come now without leaving another one behind for which there is no value any more. */
  permits(index: number, state: number): boolean {
    const needed = this.needs.get(state) ?? 0;
    if (needed === 0 || !this.isClear) return true;
    const item = this.items[index];
    const left = stateLeft(item);
    if (left === state || left === NO_STATE) return true;
    return needed === (stateNeeded(item) === state ? 1 : 0) || (this.sources.get(state) ?? 0) > 0;
  }

  place(index: number): void {
    this.count(index, -1);
  }

  undo(index: number): void {
    this.count(index, 1);
  }

  private count(index: number, by: number): void {
    if (!this.isClear) return;
    const item = this.items[index];
    const [found, left] = [stateNeeded(item), stateLeft(item)];
    if (found !== NO_STATE) this.needs.set(found, (this.needs.get(found) ?? 0) + by);
    if (left !== NO_STATE) this.sources.set(left, (this.sources.get(left) ?? 0) + by);
  }
}
