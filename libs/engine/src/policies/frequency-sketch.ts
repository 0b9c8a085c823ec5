/**
 * About how often something was used lately: a count-min sketch of four rows with counters of four bits, and before it a
 * Bloom filter ("doorkeeper") that takes first uses, so that what comes once costs no counter (Einziger, Friedman and
 * Manes, "TinyLFU: a highly efficient cache admission policy", ACM Transactions on Storage 2017). 2.5 bytes per entry.
 *
 * The paper halves all counters and empties the filter after ten uses per entry. Here a hand does so a word at a time,
 * going round once in as many uses: the same ageing without a pause.
 */
import type { MemoryBudget } from '../memory-budget.js';

const ROWS = 4;
const COUNTERS_PER_WORD = 8;
const MAX_COUNT = 15;
const HALF_MASK = 0x77777777;
/** Uses per entry until everything has been halved once. */
const USES_PER_ENTRY = 10;
const DOOR_BITS_PER_ENTRY = 4;
const MIN_ENTRIES = 64;
const ROW_MIXERS = [0x9e3779b1 | 0, 0x85ebca6b | 0, 0xc2b2ae35 | 0, 0x27d4eb2f | 0] as const;
const DOOR_MIXERS = [0x165667b1 | 0, 0x2545f491 | 0] as const;

export class FrequencySketch {
  memoryBytes = 0;
  /** Entries that it is made for: a power of two, or 0. */
  private entries = 0;
  private counters = new Int32Array(0);
  private door = new Int32Array(0);
  private hand = 0;
  /** Uses since the hand moved last. */
  private uses = 0;

  constructor(private readonly budget: MemoryBudget) {}

  /** Makes it large enough for so many entries, where memory allows it; it begins anew then. */
  reserve(entries: number): void {
    if (entries <= this.entries) return;
    const wanted = Math.max(2 ** Math.ceil(Math.log2(entries)), MIN_ENTRIES);
    const bytes = (wanted * ROWS) / 2 + (wanted * DOOR_BITS_PER_ENTRY) / 8;
    if (!this.budget.charge(bytes - this.memoryBytes)) return;
    this.memoryBytes = bytes;
    this.entries = wanted;
    this.counters = new Int32Array((wanted * ROWS) / COUNTERS_PER_WORD);
    this.door = new Int32Array((wanted * DOOR_BITS_PER_ENTRY) / 32);
    this.hand = 0;
  }

  /** Counts one use of what has this hash. */
  add(hash: number): void {
    if (this.entries === 0) return;
    this.age();
    if (!this.passDoor(hash)) return;
    const least = this.least(hash);
    if (least === MAX_COUNT) return;
    for (let row = 0; row < ROWS; row++) {
      const counter = this.counterOf(hash, row);
      const shift = (counter & (COUNTERS_PER_WORD - 1)) * 4;
      const word = counter >>> 3;
      if (((this.counters[word] >>> shift) & MAX_COUNT) === least) this.counters[word] += 1 << shift;
    }
  }

  /** About how often what has this hash was used, from 0 to 16. */
  countOf(hash: number): number {
    if (this.entries === 0) return 0;
    return this.least(hash) + (this.isBehindDoor(hash) ? 1 : 0);
  }

  dispose(): void {
    this.budget.charge(-this.memoryBytes);
    this.memoryBytes = 0;
    this.entries = 0;
  }

  private least(hash: number): number {
    let least = MAX_COUNT;
    for (let row = 0; row < ROWS; row++) {
      const counter = this.counterOf(hash, row);
      least = Math.min(least, (this.counters[counter >>> 3] >>> ((counter & 7) * 4)) & MAX_COUNT);
    }
    return least;
  }

  private counterOf(hash: number, row: number): number {
    return row * this.entries + (mix(hash, ROW_MIXERS[row]) & (this.entries - 1));
  }

  /** Whether it has come before; it has from now on. */
  private passDoor(hash: number): boolean {
    const known = this.isBehindDoor(hash);
    for (const mixer of DOOR_MIXERS) {
      const bit = this.doorBit(hash, mixer);
      this.door[bit >>> 5] |= 1 << (bit & 31);
    }
    return known;
  }

  private isBehindDoor(hash: number): boolean {
    for (const mixer of DOOR_MIXERS) {
      const bit = this.doorBit(hash, mixer);
      if ((this.door[bit >>> 5] & (1 << (bit & 31))) === 0) return false;
    }
    return true;
  }

  private doorBit(hash: number, mixer: number): number {
    return mix(hash, mixer) & (this.entries * DOOR_BITS_PER_ENTRY - 1);
  }

  private age(): void {
    const { counters, door } = this;
    this.uses++;
    if (this.uses * counters.length < this.entries * USES_PER_ENTRY) return;
    this.uses = 0;
    counters[this.hand] = (counters[this.hand] >>> 1) & HALF_MASK;
    // The filter has a quarter of the counters' words.
    if ((this.hand & 3) === 0) door[this.hand >>> 2] = 0;
    this.hand = (this.hand + 1) % counters.length;
  }
}

function mix(hash: number, mixer: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 15) ^ mixer, mixer);
  return mixed ^ (mixed >>> 16);
}
