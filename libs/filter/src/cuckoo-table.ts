/**
 * A set of hashes that may answer "present" by mistake and "absent" never: a cuckoo filter (Fan, Andersen, Kaminsky,
 * Mitzenmacher, "Cuckoo Filter: Practically Better Than Bloom", CoNEXT 2014). Of each hash it keeps a fingerprint of
 * some bits, in one of two places; the fingerprint and one place give the other, so that fingerprints can be moved
 * without their keys. Removing is exact as long as only what was inserted is removed.
 *
 * Two refinements save memory. Places are windows of two neighbouring slots that overlap (Lehman, Panigrahy, "3.5-way
 * cuckoo hashing for the price of 2-and-a-bit", ESA 2009), not buckets of four: a look-up compares four slots in place
 * of eight, which is worth a bit per item at about the same load. And the second place is c − first modulo the number
 * of windows, its own inverse for any number (Lang et al., "Performance-optimal filtering", VLDB 2019), so that a table
 * need not be a power of two.
 *
 *     slot, `bits` wide, packed:  fingerprint | 1 where it is the second slot of its window;  0 = free
 *
 * Both windows' addresses are known from the hash, so a processor waits for the two at once.
 */
import { assert } from '#libs/kernel';

export const MIN_BITS = 4;
/** Two slots must fit into 32 bits. */
export const MAX_BITS = 16;
/** So that the position of a slot in bits stays a small integer. */
export const MAX_SLOTS = 2 ** 27;
export const MIN_SLOTS = 3;

/** Moves before an insert gives up; at the loads in use an insert makes two on average. */
const MAX_KICKS = 512;
const PER_HASH = 2 ** -32;
const WORD_BYTES = 4;
/** What the objects around the words take, roughly. */
const OBJECT_BYTES = 320;
const DICE_SEED = 0x9e3779b9 | 0;

export class CuckooTable {
  items = 0;
  readonly words: Uint32Array;
  readonly windows: number;
  private readonly mask: number;
  /** State of a xorshift generator that says whom to move; the same table does the same each time. */
  private dice = DICE_SEED;

  /** `slots` fingerprints of `bits` bits, of which one tells the place in the window. */
  constructor(
    readonly slots: number,
    readonly bits: number,
  ) {
    assert(bits >= MIN_BITS && bits <= MAX_BITS, 'bits per slot out of range');
    assert(slots >= MIN_SLOTS && slots <= MAX_SLOTS, 'slots out of range');
    this.words = new Uint32Array(wordCount(slots, bits));
    this.windows = slots - 1;
    this.mask = (1 << bits) - 1;
  }

  /** Whether the hash (two lanes of 32 bits) may be in the set; false only where it is not. */
  mayContain(hash: number, low: number): boolean {
    return windowsMayContain(this.words, this.windows, this.bits, hash, low);
  }

  /**
   * Adds a hash; equal ones count as often as they are added. False where it finds no room: the table has then lost
   * some item and must not be asked again.
   */
  insert(hash: number, low: number): boolean {
    const print = fingerprintOf(low, this.bits);
    const window = windowOf(hash, this.windows);
    const other = otherWindow(print, window, this.windows);
    if (!this.place(window, print) && !this.place(other, print)) {
      const roll = this.roll();
      if (!this.displace(print, (roll & 1) === 0 ? window : other, (roll >>> 1) & 1)) return false;
    }
    this.items++;
    return true;
  }

  /** Removes a hash that was inserted; false where the table does not have it, and then nothing has changed. */
  remove(hash: number, low: number): boolean {
    const print = fingerprintOf(low, this.bits);
    const window = windowOf(hash, this.windows);
    if (!this.clear(window, print) && !this.clear(otherWindow(print, window, this.windows), print)) return false;
    this.items--;
    return true;
  }

  get bytes(): number {
    return tableBytes(this.slots, this.bits);
  }

  /** The chance that an absent hash is taken for present, at the present load. */
  falsePositiveRate(): number {
    return falsePositiveRate(this.items / this.slots, this.bits);
  }

  /** Puts a fingerprint into a free slot of a window. */
  private place(window: number, print: number): boolean {
    return this.exchange(window, 0, print << 1) || this.exchange(window + 1, 0, (print << 1) | 1);
  }

  /** Frees the slot of a window that holds a fingerprint. */
  private clear(window: number, print: number): boolean {
    return this.exchange(window, print << 1, 0) || this.exchange(window + 1, (print << 1) | 1, 0);
  }

  /** Makes room by moving fingerprints, each to where it may be as well, in a random walk. */
  private displace(homeless: number, startWindow: number, startPlace: number): boolean {
    let print = homeless;
    let window = startWindow;
    let place = startPlace;
    for (let kicks = 0; kicks < MAX_KICKS; kicks++) {
      const slot = window + place;
      const evicted = this.read(slot);
      this.write(slot, (print << 1) | place);
      print = evicted >>> 1;
      place = evicted & 1;
      window = slot - place;
      if (this.place(window, print)) return true;
      const other = otherWindow(print, window, this.windows);
      if (this.place(other, print)) return true;
      const choice = this.roll() % 3;
      if (choice === 0) place ^= 1;
      else {
        window = other;
        place = choice - 1;
      }
    }
    return false;
  }

  private exchange(slot: number, expected: number, value: number): boolean {
    if (this.read(slot) !== expected) return false;
    this.write(slot, value);
    return true;
  }

  private read(slot: number): number {
    return readBits(this.words, Math.imul(slot, this.bits)) & this.mask;
  }

  private write(slot: number, value: number): void {
    const { words, bits, mask } = this;
    const bit = Math.imul(slot, bits);
    const word = bit >>> 5;
    const shift = bit & 31;
    words[word] = (words[word] & ~(mask << shift)) | (value << shift);
    const written = 32 - shift;
    if (written < bits) words[word + 1] = (words[word + 1] & ~(mask >>> written)) | (value >>> written);
  }

  private roll(): number {
    this.dice ^= this.dice << 13;
    this.dice ^= this.dice >>> 17;
    this.dice ^= this.dice << 5;
    return this.dice >>> 1;
  }
}

/** {@link CuckooTable.mayContain} for a caller that has the parts of the table at hand. */
export function windowsMayContain(
  words: Uint32Array,
  windows: number,
  bits: number,
  hash: number,
  low: number,
): boolean {
  const mask = (1 << bits) - 1;
  const print = fingerprintOf(low, bits);
  const window = windowOf(hash, windows);
  const other = otherWindow(print, window, windows);
  const pair = (print << 1) | (((print << 1) | 1) << bits);
  const a = readBits(words, Math.imul(window, bits)) ^ pair;
  const b = readBits(words, Math.imul(other, bits)) ^ pair;
  // One branch for all four slots: which one it is cannot be predicted. Only 0 − 1 has the sign bit.
  return (((a & mask) - 1) | (((a >>> bits) & mask) - 1) | ((b & mask) - 1) | (((b >>> bits) & mask) - 1)) < 0;
}

/** What a table takes from the process. */
export function tableBytes(slots: number, bits: number): number {
  return wordCount(slots, bits) * WORD_BYTES + OBJECT_BYTES;
}

/** The share of absent hashes that a table takes for present: of the four slots compared, `load` are in use. */
export function falsePositiveRate(load: number, bits: number): number {
  // Per window the two slots stand for two places, and an item is in one of them: two comparisons, not four.
  return 1 - (1 - 1 / fingerprintCount(bits)) ** (2 * load);
}

/** One word more than the slots fill, since reading a pair takes two. */
export function wordCount(slots: number, bits: number): number {
  return ((slots * bits) >>> 5) + 2;
}

function fingerprintCount(bits: number): number {
  return (1 << (bits - 1)) - 1;
}

/** 1..fingerprintCount, each equally likely. */
function fingerprintOf(low: number, bits: number): number {
  return (Math.imul(low >>> 16, fingerprintCount(bits)) >>> 16) + 1;
}

function windowOf(hash: number, windows: number): number {
  return ((hash >>> 0) * PER_HASH * windows) | 0;
}

/** The other window of a fingerprint: its own inverse. */
function otherWindow(print: number, window: number, windows: number): number {
  let mixed = Math.imul(print, 0x9e3779b1);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x85ebca6b);
  const other = windowOf(mixed ^ (mixed >>> 13), windows) - window;
  return other < 0 ? other + windows : other;
}

/** The 32 bits that begin at a position. */
function readBits(words: Uint32Array, bit: number): number {
  const word = bit >>> 5;
  const shift = bit & 31;
  // In two shifts, since one by 32 would be one by 0.
  return (words[word] >>> shift) | ((words[word + 1] << 1) << (31 - shift));
}
