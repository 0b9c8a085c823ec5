/**
 * Which of the operations that must be placed are not placed yet, in the order of their starts: a doubly linked list over the
 * indexes 0..size-1, from which an entry is lifted, and put back where it was, in constant time. Entries are put back in the
 * reverse order of their lifting (Knuth's dancing links; Lowe's and Porcupine's lists of calls and returns do the same).
 */
export class EntryList {
  private readonly following: Int32Array;
  private readonly preceding: Int32Array;
  /** What {@link next} answers at the end, and of which it answers the first entry. */
  readonly end: number;

  constructor(size: number, entries: readonly number[]) {
    this.end = size;
    this.following = new Int32Array(size + 1);
    this.preceding = new Int32Array(size + 1);
    let last = size;
    for (const entry of [...entries, size]) {
      this.following[last] = entry;
      this.preceding[entry] = last;
      last = entry;
    }
  }

  next(entry: number): number {
    return this.following[entry];
  }

  lift(entry: number): void {
    this.following[this.preceding[entry]] = this.following[entry];
    this.preceding[this.following[entry]] = this.preceding[entry];
  }

  unlift(entry: number): void {
    this.following[this.preceding[entry]] = entry;
    this.preceding[this.following[entry]] = entry;
  }
}
