/**
 * The configurations that a search has met, each a list of words: a hash table over one growing array. It compares the words
 * themselves, never hashes alone: a mistaken match would cut off the only order there is. Once it is full it keeps what it has
 * and answers that others are new; the search then does work twice, but no more memory is needed.
 */
const MIN_WORDS = 1024;
const EMPTY = -1;
/** Slots per entry, at least. */
const SPARSENESS = 2;

export class MemoTable {
  private words = new Int32Array(MIN_WORDS);
  private used = 0;
  private slots = new Int32Array(MIN_WORDS).fill(EMPTY);
  private entries = 0;

  constructor(private readonly maxWords: number) {}

  /** False where these `length` words were added before. */
  add(entry: Int32Array, length: number): boolean {
    const hash = hashOf(entry, length);
    let slot = this.slotOf(hash);
    for (let at = this.slots[slot]; at !== EMPTY; at = this.slots[slot]) {
      if (this.words[at] === hash && this.isAt(at, entry, length)) return false;
      slot = (slot + 1) & (this.slots.length - 1);
    }
    if (!this.hasRoom(length + 2)) return true;
    this.slots[slot] = this.used;
    this.words[this.used] = hash;
    this.words[this.used + 1] = length;
    for (let i = 0; i < length; i++) this.words[this.used + 2 + i] = entry[i];
    this.used += length + 2;
    if (++this.entries * SPARSENESS > this.slots.length) this.spread();
    return true;
  }

  private isAt(at: number, entry: Int32Array, length: number): boolean {
    const { words } = this;
    if (words[at + 1] !== length) return false;
    for (let i = 0; i < length; i++) if (words[at + 2 + i] !== entry[i]) return false;
    return true;
  }

  private hasRoom(words: number): boolean {
    const needed = this.used + words;
    if (needed <= this.words.length) return true;
    if (needed > this.maxWords) return false;
    const grown = new Int32Array(Math.min(this.maxWords, Math.max(needed, 2 * this.words.length)));
    grown.set(this.words);
    this.words = grown;
    return true;
  }

  private spread(): void {
    this.slots = new Int32Array(2 * this.slots.length).fill(EMPTY);
    for (let at = 0; at < this.used; at += this.words[at + 1] + 2) {
      let slot = this.slotOf(this.words[at]);
      while (this.slots[slot] !== EMPTY) slot = (slot + 1) & (this.slots.length - 1);
      this.slots[slot] = at;
    }
  }

  private slotOf(hash: number): number {
    return hash & (this.slots.length - 1);
  }
}

/** FNV-1a over words, with MurmurHash3's last steps, since the low bits choose the slot. */
function hashOf(words: Int32Array, length: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < length; i++) hash = Math.imul(hash ^ words[i], 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
