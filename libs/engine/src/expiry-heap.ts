/**
 * Which log pages hold entries that are due: a binary heap of pages by the earliest expiry that they may hold. So an
 * entry with expiry costs nothing beside the time in its body; a page, of some hundred entries, costs twelve bytes,
 * and is read from its beginning when its time has come (expiry-collector.ts).
 *
 * A page's time may be too early, never too late: removals do not touch it.
 */
import type { MemoryBudget } from './memory-budget.js';
import { MAX_HEAP_PLACE, type PageTable } from './page-table.js';
import { SHARD_WORDS } from './shard-state.js';

/** Pages per shard, see RecordLog. */
const PAGE_BITS = 15;
const PAGE_MASK = (1 << PAGE_BITS) - 1;
const ENTRY_BYTES = 12;
const MIN_ENTRIES = 16;
const SPARE_SHIFT = 3;
/** Places of the heap that are searched for an allowed page: so many for the best one, and so many for any. */
const SEARCH = 64;
const MAX_SEARCH = 65_536;

export class ExpiryHeap {
  /** Bytes of the heap; a page's place in it lies in the page's entry of the side table. */
  usedBytes = 0;
  /** Where the collector goes on: a page in the midst of being read, or -1 as its shard. */
  openShard = -1;
  openPage = 0;
  openOffset = 0;

  /** What {@link findSoonest} found. */
  soonestShard = 0;
  soonestPage = 0;

  private size = 0;
  private ids = new Uint32Array(0);
  private timesMs = new Float64Array(0);

  constructor(
    private readonly pages: PageTable,
    private readonly budget: MemoryBudget,
  ) {}

  /** Makes room for one more page; false where memory does not allow it. */
  reserve(): boolean {
    return this.size < this.ids.length || this.grow();
  }

  /** Says that a page holds an entry that expires then; there must be room for it. */
  add(shard: number, page: number, expiresAtMs: number): void {
    this.restart(shard, page);
    const position = this.positionOf(shard, page);
    if (position === 0) {
      this.size++;
      this.place(this.size - 1, ((shard / SHARD_WORDS) << PAGE_BITS) | page, expiresAtMs);
      this.rise(this.size - 1);
    } else if (expiresAtMs < this.timesMs[position - 1]) {
      this.timesMs[position - 1] = expiresAtMs;
      this.rise(position - 1);
    }
  }

  /** The earliest expiry that a page may hold; Infinity where it holds none. */
  timeOf(shard: number, page: number): number {
    const position = this.positionOf(shard, page);
    return position === 0 ? Infinity : this.timesMs[position - 1];
  }

  /** Gives a page another time; Infinity takes it out. */
  change(shard: number, page: number, timeMs: number): void {
    if (timeMs === Infinity) {
      this.remove(shard, page);
      return;
    }
    const position = this.positionOf(shard, page) - 1;
    if (position < 0) return;
    this.timesMs[position] = timeMs;
    this.sink(position);
    this.rise(this.positionOf(shard, page) - 1);
  }

  /** Forgets a page that is freed or holds nothing that expires. */
  remove(shard: number, page: number): void {
    if (shard === this.openShard && page === this.openPage) this.openShard = -1;
    const position = this.positionOf(shard, page) - 1;
    if (position < 0) return;
    this.setPosition(shard, page, 0);
    this.size--;
    if (position === this.size) return;
    const moved = this.ids[this.size];
    this.place(position, moved, this.timesMs[this.size]);
    this.sink(position);
    this.rise(this.positionOf((moved >>> PAGE_BITS) * SHARD_WORDS, moved & PAGE_MASK) - 1);
  }

  /** A page has been written anew: whoever is reading it must begin again. */
  restart(shard: number, page: number): void {
    if (shard === this.openShard && page === this.openPage) this.openOffset = 0;
  }

  /** Opens the first page whose time is not after `nowMs`, unless one is open; false where there is none. */
  openDue(nowMs: number): boolean {
    if (this.openShard >= 0) return true;
    if (this.size === 0 || this.timesMs[0] > nowMs) return false;
    const id = this.ids[0];
    this.openShard = (id >>> PAGE_BITS) * SHARD_WORDS;
    this.openPage = id & PAGE_MASK;
    this.openOffset = 0;
    return true;
  }

  /**
   * The page with the earliest time among the partitions that `allowed` marks: exactly where all are marked, nearly
   * where the heap's first pages are not; false where there is none among the first {@link MAX_SEARCH}.
   */
  findSoonest(allowed: Uint8Array): boolean {
    let best = -1;
    const end = Math.min(this.size, MAX_SEARCH);
    for (let place = 0; place < end && best !== 0 && (best < 0 || place < SEARCH); place++) {
      if (allowed[this.ids[place] >>> PAGE_BITS] === 0) continue;
      if (best < 0 || this.timesMs[place] < this.timesMs[best]) best = place;
    }
    if (best < 0) return false;
    this.soonestShard = (this.ids[best] >>> PAGE_BITS) * SHARD_WORDS;
    this.soonestPage = this.ids[best] & PAGE_MASK;
    return true;
  }

  private grow(): boolean {
    const entries = this.ids.length + Math.max(this.ids.length >>> SPARE_SHIFT, MIN_ENTRIES);
    if (entries > MAX_HEAP_PLACE) return false;
    const bytes = (entries - this.ids.length) * ENTRY_BYTES;
    if (!this.budget.charge(bytes)) return false;
    this.usedBytes += bytes;
    const ids = new Uint32Array(entries);
    ids.set(this.ids);
    this.ids = ids;
    const timesMs = new Float64Array(entries);
    timesMs.set(this.timesMs);
    this.timesMs = timesMs;
    return true;
  }

  private rise(from: number): void {
    let position = from;
    const id = this.ids[position];
    const timeMs = this.timesMs[position];
    while (position > 0) {
      const parent = (position - 1) >>> 1;
      if (this.timesMs[parent] <= timeMs) break;
      this.place(position, this.ids[parent], this.timesMs[parent]);
      position = parent;
    }
    this.place(position, id, timeMs);
  }

  private sink(from: number): void {
    let position = from;
    const id = this.ids[position];
    const timeMs = this.timesMs[position];
    for (let child = 2 * position + 1; child < this.size; child = 2 * position + 1) {
      if (child + 1 < this.size && this.timesMs[child + 1] < this.timesMs[child]) child++;
      if (this.timesMs[child] >= timeMs) break;
      this.place(position, this.ids[child], this.timesMs[child]);
      position = child;
    }
    this.place(position, id, timeMs);
  }

  private place(position: number, id: number, timeMs: number): void {
    this.ids[position] = id;
    this.timesMs[position] = timeMs;
    this.setPosition((id >>> PAGE_BITS) * SHARD_WORDS, id & PAGE_MASK, position + 1);
  }

  /** One more than a page's position in the heap, or 0. */
  private positionOf(shard: number, page: number): number {
    return this.pages.heapPlaceOf(shard, page);
  }

  private setPosition(shard: number, page: number, position: number): void {
    this.pages.setHeapPlace(shard, page, position);
  }
}
