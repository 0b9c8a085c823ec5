/**
 * Which groups each unacknowledged frame is about, with a number per group: a queue of short lists in two rings that grow and
 * are used again. The primary keeps the last sequence of each group, the replica the epoch.
 */
const FIRST_ENTRIES = 1024;
const FIRST_LISTS = 64;

export class GroupLists {
  private groups = new Uint32Array(FIRST_ENTRIES);
  private numbers = new Float64Array(FIRST_ENTRIES);
  /** Per closed list, where it ends; entries and lists are counted since the beginning. */
  private ends = new Float64Array(FIRST_LISTS);
  private firstEntry = 0;
  private nextEntry = 0;
  private firstList = 0;
  private nextList = 0;
  /** Where the open list begins. */
  private openEntry = 0;
  /** Per group, its last entry; in the open list where that is not before {@link openEntry}. */
  private readonly noted: Float64Array;

  constructor(groupCount: number) {
    this.noted = new Float64Array(groupCount).fill(-1);
  }

  /** Lists that are closed. */
  get lists(): number {
    return this.nextList - this.firstList;
  }

  get entries(): number {
    return this.nextEntry - this.firstEntry;
  }

  /** Entries of the list that is open. */
  get openLength(): number {
    return this.nextEntry - this.openEntry;
  }

  isNoted(group: number): boolean {
    return this.noted[group] >= this.openEntry;
  }

  /** The open list has this group, with this number, which replaces an earlier one. */
  note(group: number, number: number): void {
    if (!this.isNoted(group)) this.add(group);
    this.numbers[this.noted[group] & (this.numbers.length - 1)] = number;
  }

  /** Ends the open list, which may be empty; another one is open from now on. */
  close(): void {
    if (this.lists === this.ends.length) this.growLists();
    this.ends[this.nextList++ & (this.ends.length - 1)] = this.nextEntry;
    this.openEntry = this.nextEntry;
  }

  /** Entries of the oldest list. */
  get oldestLength(): number {
    return this.endOf(this.firstList) - this.firstEntry;
  }

  oldestGroup(index: number): number {
    return this.groups[(this.firstEntry + index) & (this.groups.length - 1)];
  }

  oldestNumber(index: number): number {
    return this.numbers[(this.firstEntry + index) & (this.numbers.length - 1)];
  }

  shift(): void {
    this.firstEntry = this.endOf(this.firstList++);
  }

  clear(): void {
    this.firstEntry = this.openEntry = this.nextEntry;
    this.firstList = this.nextList;
  }

  private add(group: number): void {
    if (this.entries === this.groups.length) this.growEntries();
    this.groups[this.nextEntry & (this.groups.length - 1)] = group;
    this.noted[group] = this.nextEntry++;
  }

  private endOf(list: number): number {
    return this.ends[list & (this.ends.length - 1)];
  }

  private growEntries(): void {
    const { groups, numbers } = this;
    const mask = groups.length - 1;
    this.groups = new Uint32Array(groups.length * 2);
    this.numbers = new Float64Array(groups.length * 2);
    for (let entry = this.firstEntry; entry < this.nextEntry; entry++) {
      this.groups[entry & (this.groups.length - 1)] = groups[entry & mask];
      this.numbers[entry & (this.groups.length - 1)] = numbers[entry & mask];
    }
  }

  private growLists(): void {
    const { ends } = this;
    this.ends = new Float64Array(ends.length * 2);
    for (let list = this.firstList; list < this.nextList; list++) {
      this.ends[list & (this.ends.length - 1)] = ends[list & (ends.length - 1)];
    }
  }
}
