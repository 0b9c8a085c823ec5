/**
 * Hashes noted for a while: a set that may answer "has" by mistake (it keeps 32 of 64 bits) and never "has not". It grows
 * to a bound; beyond, it is full and answers "has" to everything. Open addressing, linear probing.
 */
const FIRST_SLOTS = 16;
/** Stands for a free slot; a hash that comes out as it is kept as another. */
const FREE = 0;
const NO_SLOTS = new Uint32Array(0);

export class HashNotes {
  /** Whether some were lost for want of room. */
  isFull = false;
  private count = 0;
  private slots = NO_SLOTS;

  /** Notes at most `maxNotes` hashes. */
  constructor(private readonly maxNotes: number) {}

  get bytes(): number {
    return this.slots.byteLength;
  }

  /** Answers by how many bytes the set has grown. `mayGrow`: false where there is no memory for it. */
  add(hash: number, low: number, mayGrow: boolean): number {
    if (this.isFull || this.has(hash, low)) return 0;
    const { length } = this.slots;
    const isTight = this.count * 2 >= length;
    if (this.count >= this.maxNotes || (isTight && !mayGrow)) {
      this.isFull = true;
      return 0;
    }
    if (isTight) this.grow();
    this.insert(printOf(hash, low));
    return (this.slots.length - length) * Uint32Array.BYTES_PER_ELEMENT;
  }

  has(hash: number, low: number): boolean {
    if (this.isFull) return true;
    if (this.count === 0) return false;
    return this.slots[this.slotOf(printOf(hash, low))] !== FREE;
  }

  /** Answers "has" to everything from now on. */
  fill(): void {
    this.isFull = true;
  }

  private grow(): void {
    const before = this.slots;
    this.slots = new Uint32Array(Math.max(FIRST_SLOTS, before.length * 2));
    this.count = 0;
    for (const print of before) if (print !== FREE) this.insert(print);
  }

  private insert(print: number): void {
    const slot = this.slotOf(print);
    if (this.slots[slot] !== FREE) return;
    this.slots[slot] = print;
    this.count++;
  }

  /** Where a print is, or the free slot where it belongs. At most half of the slots are in use. */
  private slotOf(print: number): number {
    const { slots } = this;
    const mask = slots.length - 1;
    let slot = Math.imul(print, 0x9e3779b1) >>> 8;
    while (slots[slot & mask] !== FREE && slots[slot & mask] !== print) slot++;
    return slot & mask;
  }
}

function printOf(hash: number, low: number): number {
  const print = (hash ^ Math.imul(low, 0x85ebca6b)) >>> 0;
  return print === FREE ? 1 : print;
}
