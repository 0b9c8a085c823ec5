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
 * A slot is read by one unaligned load of 32 bits. Both windows' addresses are known from the hash, so a processor
 * waits for the two at once.
 */
import { assert } from '#libs/kernel';

export const MIN_BITS = 4;
export const MAX_BITS = 16;
/** So that the position of a slot in bits stays a small integer. */
export const MAX_SLOTS = 2 ** 27;
const MIN_SLOTS = 3;

/** Moves before an insert gives up; at the loads in use an insert makes two on average. */
const MAX_KICKS = 512;
const HASHES = 2 ** 32;
/** The widest load may reach so far beyond the last slot. */
const PADDING_BYTES = 4;
/** What the objects around the bytes take, roughly. */
const OBJECT_BYTES = 320;
const DICE_SEED = 0x9e3779b9 | 0;

export class CuckooTable {
  items = 0;
  private readonly view: DataView;
  private readonly windows: number;
  /** windows / 2^32: turns a hash into a window. */
  private readonly scale: number;
  private readonly mask: number;
  private readonly fingerprints: number;
  /** State of a xorshift generator that says whom to move; the same table does the same each time. */
  private dice = DICE_SEED;

  /** `slots` fingerprints of `bits` bits, of which one tells the place in the window. */
  constructor(
    readonly slots: number,
    readonly bits: number,
  ) {
    assert(bits >= MIN_BITS && bits <= MAX_BITS, 'bits per slot out of range');
    assert(slots >= MIN_SLOTS && slots <= MAX_SLOTS, 'slots out of range');
    this.view = new DataView(new ArrayBuffer(slotBytes(slots, bits)));
    this.windows = slots - 1;
    this.scale = this.windows / HASHES;
    this.mask = (1 << bits) - 1;
    this.fingerprints = fingerprintCount(bits);
  }

  /** Whether the hash (two lanes of 32 bits) may be in the set; false only where it is not. */
  mayContain(hash: number, low: number): boolean {
    const { view, bits, mask } = this;
    const print = this.fingerprintOf(low);
    const window = this.windowOf(hash);
    const first = Math.imul(window, bits);
    const second = Math.imul(this.otherWindow(print, window), bits);
    const value = print << 1;
    const a = (view.getUint32(first >>> 3, true) >>> (first & 7)) ^ value;
    const b = (view.getUint32((first + bits) >>> 3, true) >>> ((first + bits) & 7)) ^ value ^ 1;
    const c = (view.getUint32(second >>> 3, true) >>> (second & 7)) ^ value;
    const d = (view.getUint32((second + bits) >>> 3, true) >>> ((second + bits) & 7)) ^ value ^ 1;
    return (a & mask) === 0 || (b & mask) === 0 || (c & mask) === 0 || (d & mask) === 0;
  }

  /**
   * Adds a hash; equal ones count as often as they are added. False where it finds no room: the table has then lost
   * some item and must not be asked again.
   */
  insert(hash: number, low: number): boolean {
    const print = this.fingerprintOf(low);
    const window = this.windowOf(hash);
    const other = this.otherWindow(print, window);
    if (!this.place(window, print) && !this.place(other, print)) {
      const roll = this.roll();
      if (!this.displace(print, (roll & 1) === 0 ? window : other, (roll >>> 1) & 1)) return false;
    }
    this.items++;
    return true;
  }

  /** Removes a hash that was inserted; false where the table does not have it, and then nothing has changed. */
  remove(hash: number, low: number): boolean {
    const print = this.fingerprintOf(low);
    const window = this.windowOf(hash);
    if (!this.clear(window, print) && !this.clear(this.otherWindow(print, window), print)) return false;
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

  /** 1..fingerprints, each equally likely. */
  private fingerprintOf(low: number): number {
    return (Math.imul(low >>> 16, this.fingerprints) >>> 16) + 1;
  }

  private windowOf(hash: number): number {
    return ((hash >>> 0) * this.scale) | 0;
  }

  /** The other window of a fingerprint: its own inverse. */
  private otherWindow(print: number, window: number): number {
    let mixed = Math.imul(print, 0x9e3779b1);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x85ebca6b);
    const other = this.windowOf(mixed ^ (mixed >>> 13)) - window;
    return other < 0 ? other + this.windows : other;
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
      const other = this.otherWindow(print, window);
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
    const bit = Math.imul(slot, this.bits);
    return (this.view.getUint32(bit >>> 3, true) >>> (bit & 7)) & this.mask;
  }

  private write(slot: number, value: number): void {
    const { view, mask } = this;
    const bit = Math.imul(slot, this.bits);
    const at = bit >>> 3;
    const shift = bit & 7;
    view.setUint32(at, (view.getUint32(at, true) & ~(mask << shift)) | (value << shift), true);
  }

  private roll(): number {
    this.dice ^= this.dice << 13;
    this.dice ^= this.dice >>> 17;
    this.dice ^= this.dice << 5;
    return this.dice >>> 1;
  }
}

/** What a table takes from the process. */
export function tableBytes(slots: number, bits: number): number {
  return slotBytes(slots, bits) + OBJECT_BYTES;
}

/** The share of absent hashes that a table takes for present: of the four slots compared, `load` are in use. */
export function falsePositiveRate(load: number, bits: number): number {
  // Per window the two slots stand for two places, and an item is in one of them: two comparisons, not four.
  return 1 - (1 - 1 / fingerprintCount(bits)) ** (2 * load);
}

function slotBytes(slots: number, bits: number): number {
  return Math.ceil((slots * bits) / 8) + PADDING_BYTES;
}

function fingerprintCount(bits: number): number {
  return (1 << (bits - 1)) - 1;
}
