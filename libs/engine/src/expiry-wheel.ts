/**
 * Which entries are due: a hierarchical timing wheel (Varghese & Lauck, "Hashed and hierarchical timing wheels",
 * SOSP 1987) of 8 levels with 64 slots each, over milliseconds of wall-clock time. Adding and removing is O(1), the links lie beside
 * the entries, and no stale items pile up when a key's expiry is renewed again and again, as they would in a heap
 * that deletes lazily.
 *
 * `elapsedMs` is how far the wheel has turned. An entry lies at the level of the highest 6-bit digit in which its
 * expiry differs from elapsedMs, in that digit's slot; what is not later than elapsedMs lies in a due list. So at
 * each level only digits above elapsedMs's own are occupied (its own only while that slot is half emptied), and the
 * first occupied slot of the lowest occupied level is the earliest. When the clock goes back, the due lists may hold entries
 * that are not due; they are looked at round-robin, and never handed out early.
 */
import type { Arena } from './arena.js';
import type { EntryBlocks } from './entry-blocks.js';
import { EntryHeader } from './record.js';

const LEVELS = 8;
const DIGIT_BITS = 6;
const SLOTS = 1 << DIGIT_BITS;
const HALF_BITS = 24;
const HALF = 1 << HALF_BITS;
const LEVELS_PER_HALF = HALF_BITS / DIGIT_BITS;
/** Two due lists: the one being worked off, and the one that collects what stays for the next round. */
const DUE_A = LEVELS * SLOTS;
const DUE_B = DUE_A + 1;
/** In place of the previous entry's address the first entry of a list carries the list's number under this flag. */
const HEAD_FLAG = 0x80000000;
/** Entries that one collection may look at without handing them out. */
const MIN_WORK = 1024;
const WORK_PER_VISIT = 4;
/** Milliseconds that a slot of each level spans. */
const SLOT_SPAN_MS = Float64Array.from({ length: LEVELS + 1 }, (_, level) => SLOTS ** level);

export class ExpiryWheel {
  private readonly heads = new Uint32Array(DUE_B + 1);
  /** One bit per slot, two words per level. */
  private readonly occupied = new Uint32Array(LEVELS * 2);
  private readonly header = new EntryHeader();
  private elapsedMs = 0;
  private due = DUE_A;
  /** The slot that the last turn left half emptied, or -1. */
  private pendingSlot = -1;

  constructor(
    private readonly arena: Arena,
    private readonly blocks: EntryBlocks,
  ) {}

  add(ref: number, expiresAtMs: number): void {
    this.link(ref, this.listOf(expiresAtMs));
  }

  remove(ref: number): void {
    const words = this.wordsOf(ref);
    const at = this.linksAt(ref);
    const next = words[at];
    const previous = words[at + 1];
    if (next !== 0) this.wordsOf(next)[this.linksAt(next) + 1] = previous;
    if (previous < HEAD_FLAG) {
      this.wordsOf(previous)[this.linksAt(previous)] = next;
      return;
    }
    const list = previous - HEAD_FLAG;
    this.heads[list] = next;
    if (next === 0 && list < DUE_A) this.occupied[list >>> 5] &= ~(1 << (list & 31));
  }

  /** See StoreEngine.collectExpired. */
  collect(nowMs: number, maxEntries: number, visit: (partition: number, ref: number) => void): number {
    const work = MIN_WORK + maxEntries * WORK_PER_VISIT;
    if (this.heads[this.due] === 0) this.due = otherDue(this.due);
    this.advance(nowMs, work);
    const later = otherDue(this.due);
    let visited = 0;
    for (let looks = 0; looks < work && visited < maxEntries; looks++) {
      const ref = this.heads[this.due];
      if (ref === 0) break;
      this.remove(ref);
      this.link(ref, later);
      if (this.blocks.expiresAtMs(ref) > nowMs) continue;
      visited++;
      visit(this.blocks.partitionOf(ref, this.header), ref);
    }
    return visited;
  }

  /** Turns the wheel to `nowMs`, moving at most `work` entries; a slot half emptied is finished first by the next call. */
  private advance(nowMs: number, work: number): void {
    let left = this.pendingSlot < 0 ? work : this.empty(this.pendingSlot, work);
    while (left > 0) {
      const slot = this.firstSlot();
      const startMs = slot < 0 ? Infinity : this.startOf(slot);
      if (startMs > nowMs) {
        if (nowMs > this.elapsedMs) this.elapsedMs = nowMs;
        return;
      }
      const lastMs = startMs + SLOT_SPAN_MS[slot >>> DIGIT_BITS] - 1;
      this.elapsedMs = Math.max(this.elapsedMs, Math.min(nowMs, lastMs));
      left = this.empty(slot, left);
    }
  }

  /** Moves a slot's entries to where they belong now that it is open; answers the work left over. */
  private empty(slot: number, work: number): number {
    let left = work;
    let ref = this.heads[slot];
    for (; ref !== 0 && left > 0; ref = this.heads[slot], left--) {
      this.remove(ref);
      this.add(ref, this.blocks.expiresAtMs(ref));
    }
    this.pendingSlot = ref === 0 ? -1 : slot;
    return left;
  }

  private listOf(expiresAtMs: number): number {
    if (expiresAtMs <= this.elapsedMs) return this.due;
    const high = Math.floor(expiresAtMs / HALF);
    const elapsedHigh = Math.floor(this.elapsedMs / HALF);
    const inHigh = high !== elapsedHigh;
    const digits = inHigh ? high : expiresAtMs - high * HALF;
    const elapsedDigits = inHigh ? elapsedHigh : this.elapsedMs - elapsedHigh * HALF;
    const level = Math.floor((31 - Math.clz32(digits ^ elapsedDigits)) / DIGIT_BITS);
    const digit = (digits >>> (level * DIGIT_BITS)) & (SLOTS - 1);
    return (inHigh ? level + LEVELS_PER_HALF : level) * SLOTS + digit;
  }

  /** The earliest occupied slot, or -1. */
  private firstSlot(): number {
    for (let level = 0; level < LEVELS; level++) {
      const low = this.occupied[level * 2];
      if (low !== 0) return level * SLOTS + lowestBit(low);
      const high = this.occupied[level * 2 + 1];
      if (high !== 0) return level * SLOTS + 32 + lowestBit(high);
    }
    return -1;
  }

  private startOf(slot: number): number {
    const level = slot >>> DIGIT_BITS;
    const turnMs = SLOT_SPAN_MS[level + 1];
    return Math.floor(this.elapsedMs / turnMs) * turnMs + (slot & (SLOTS - 1)) * SLOT_SPAN_MS[level];
  }

  private link(ref: number, list: number): void {
    const words = this.wordsOf(ref);
    const at = this.linksAt(ref);
    const head = this.heads[list];
    words[at] = head;
    words[at + 1] = HEAD_FLAG + list;
    if (head !== 0) this.wordsOf(head)[this.linksAt(head) + 1] = ref;
    else if (list < DUE_A) this.occupied[list >>> 5] |= 1 << (list & 31);
    this.heads[list] = ref;
  }

  private wordsOf(ref: number): Uint32Array {
    return this.arena.words[ref >>> this.arena.unitShift];
  }

  private linksAt(ref: number): number {
    return (ref & this.arena.unitMask) * 2 - 2;
  }
}

function otherDue(due: number): number {
  return due === DUE_A ? DUE_B : DUE_A;
}

function lowestBit(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}
