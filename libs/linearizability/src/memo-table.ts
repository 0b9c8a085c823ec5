/**
 * The configurations that a search has met, each a key and a set, in words: a hash table over one growing array. A
 * configuration is covered by one with the same key and fewer in its set. Keys are compared word by word, never by their hashes
 * alone: a mistaken match would cut off the only order there is. Once the table is full it keeps what it has and answers that
 * others are new; the search then does work twice, but no more memory is needed.
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
  /** Entries that were compared so far. */
  comparisons = 0;

  constructor(private readonly maxWords: number) {}

  /** The first `keyLength` words are the key, up to `length` bits of the set. False where it is covered by one added before. */
  add(entry: Int32Array, keyLength: number, length: number): boolean {
    const hash = hashOf(entry, keyLength);
    let slot = this.slotOf(hash);
    for (let at = this.slots[slot]; at !== EMPTY; at = this.slots[slot]) {
      this.comparisons++;
      if (this.words[at] === hash && this.covers(at, entry, keyLength, length)) return false;
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

  private covers(at: number, entry: Int32Array, keyLength: number, length: number): boolean {
    const { words } = this;
    if (words[at + 1] !== length) return false;
    const from = at + 2;
    for (let i = 0; i < keyLength; i++) if (words[from + i] !== entry[i]) return false;
    for (let i = keyLength; i < length; i++) if ((words[from + i] & ~entry[i]) !== 0) return false;
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
