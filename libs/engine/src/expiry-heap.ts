/**
 * Which log pages hold entries that are due: a binary heap of pages by the earliest expiry that they may hold. So an
 * entry with expiry costs nothing beside the time in its body; a page, of some hundred entries, costs twenty bytes,
 * and is read from its beginning when its time has come (expiry-collector.ts).
 *
 * A page's time may be too early, never too late: removals do not touch it.
 */
import { type Arena, UNIT_BYTES, UNIT_WORDS } from './arena.js';
import type { MemoryBudget } from './memory-budget.js';
import {
  EXPIRY_PAGES,
  EXPIRY_TABLE,
  LOG_PAGES,
  PAIR_WORDS,
  SHARD_WORDS,
  type ShardState,
  tableUnits,
} from './shard-state.js';

/** Pages per shard, see RecordLog. */
const PAGE_BITS = 15;
const PAGE_MASK = (1 << PAGE_BITS) - 1;
const ENTRY_BYTES = 12;
const MIN_ENTRIES = 16;
const SPARE_SHIFT = 3;

export class ExpiryHeap {
  /** Bytes of the heap and of the tables that lead into it. */
  usedBytes = 0;
  /** Where the collector goes on: a page in the midst of being read, or -1 as its shard. */
  openShard = -1;
  openPage = 0;
  openOffset = 0;

  private size = 0;
  private ids = new Uint32Array(0);
  private timesMs = new Float64Array(0);

  constructor(
    private readonly arena: Arena,
    private readonly state: ShardState,
    private readonly budget: MemoryBudget,
  ) {}

  /** Makes room for one more page of the shard; false where memory does not allow it. */
  reserve(shard: number): boolean {
    const { words } = this.state;
    const pages = words[shard + EXPIRY_PAGES];
    // The page that the next record opens may have a number that is not given out yet.
    const wanted = words[shard + LOG_PAGES] + 1;
    if (wanted > pages) {
      if (!this.state.resizeTable(shard, EXPIRY_TABLE, pages, wanted)) return false;
      this.usedBytes += (tableUnits(wanted) - tableUnits(pages)) * UNIT_BYTES;
      words[shard + EXPIRY_PAGES] = wanted;
      for (let page = pages; page < wanted; page++) this.setPosition(shard, page, 0);
    }
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

  /** Frees the table of a shard all of whose pages are gone. */
  drop(shard: number): void {
    const { words } = this.state;
    const pages = words[shard + EXPIRY_PAGES];
    this.state.resizeTable(shard, EXPIRY_TABLE, pages, 0);
    this.usedBytes -= tableUnits(pages) * UNIT_BYTES;
    words[shard + EXPIRY_PAGES] = 0;
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

  private grow(): boolean {
    const entries = this.ids.length + Math.max(this.ids.length >>> SPARE_SHIFT, MIN_ENTRIES);
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
    const { words } = this.state;
    if (page >= words[shard + EXPIRY_PAGES]) return 0;
    const address = words[shard + EXPIRY_TABLE];
    return this.arena.words[address >>> this.arena.unitShift][this.entryAt(address, page)];
  }

  private setPosition(shard: number, page: number, position: number): void {
    const address = this.state.words[shard + EXPIRY_TABLE];
    this.arena.words[address >>> this.arena.unitShift][this.entryAt(address, page)] = position;
  }

  private entryAt(address: number, page: number): number {
    return (address & this.arena.unitMask) * UNIT_WORDS + page * PAIR_WORDS;
  }
}
