/**
 * What was evicted lately: hashes in the order of eviction, up to a sum of costs, with a look-up by hash; 16 bytes each.
 *
 * Positions count up for ever. They lie in chunks, of which new ones are taken in front and used ones dropped behind. The
 * look-up is a linear hash table (Litwin, VLDB 1980) whose chains go through the positions, and which grows and shrinks
 * by one bucket at a time: so no addition ever copies what is there.
 */
import type { MemoryBudget } from '../memory-budget.js';

const CHUNK_BITS = 8;
const CHUNK_ENTRIES = 1 << CHUNK_BITS;
const CHUNK_MASK = CHUNK_ENTRIES - 1;
const FIELDS = 3;
const HASH = 0;
const COST = 1;
/** The next older position of the chain, or 0. */
const NEXT = 2;
const CHUNK_BYTES = CHUNK_ENTRIES * FIELDS * 4;
const HEADS_BYTES = CHUNK_ENTRIES * 4;
/** The queue never holds more, so that the low 32 bits of positions tell them apart. */
const MAX_ENTRIES = 1 << 24;
/** The cost of what has been taken out. */
const GONE = 0xffffffff;

export class GhostQueue {
  /** Sum of the costs in the queue. */
  costs = 0;
  count = 0;
  memoryBytes = 0;
  /** Low 32 bits of the oldest position in use and of the next one; 0 is none. */
  private first = 1;
  private end = 1;
  /** Chunk n of the positions is at n modulo the length. */
  private chunks: (Uint32Array | undefined)[] = [undefined];
  /** Newest position of each bucket's chain, or 0. */
  private readonly heads: Uint32Array[] = [];
  private buckets = 0;

  constructor(private readonly budget: MemoryBudget) {}

  /** Adds a hash; the oldest go until all costs together are at most `limit`. */
  add(hash: number, cost: number, limit: number): void {
    const rounded = Math.min(Math.ceil(cost), GONE - 1);
    if (rounded > limit || this.find(hash) !== 0) return;
    while (this.end !== this.first && (this.costs + rounded > limit || this.count >= MAX_ENTRIES)) this.dropOldest();
    if (!this.addChunk() || (this.buckets === 0 && !this.addBucket())) return;
    const position = this.end;
    this.end = following(position);
    this.set(position, HASH, hash);
    this.set(position, COST, rounded);
    this.link(position, hash);
    this.costs += rounded;
    this.count++;
    if (this.count > this.buckets) this.split();
  }

  /** Takes a hash out; false where it is not there. */
  take(hash: number): boolean {
    const position = this.find(hash);
    if (position === 0) return false;
    this.remove(position);
    return true;
  }

  dispose(): void {
    this.budget.charge(-this.memoryBytes);
    this.memoryBytes = 0;
  }

  private find(hash: number): number {
    if (this.buckets === 0) return 0;
    const wanted = hash >>> 0;
    let position = this.headOf(this.bucketOf(wanted));
    while (position !== 0 && this.get(position, HASH) !== wanted) position = this.get(position, NEXT);
    return position;
  }

  /** Unlinks a position; its place stays until the oldest ones have gone. */
  private remove(position: number): void {
    const bucket = this.bucketOf(this.get(position, HASH));
    const next = this.get(position, NEXT);
    let before = this.headOf(bucket);
    if (before === position) this.setHead(bucket, next);
    else {
      while (this.get(before, NEXT) !== position) before = this.get(before, NEXT);
      this.set(before, NEXT, next);
    }
    this.costs -= this.get(position, COST);
    this.count--;
    this.set(position, COST, GONE);
    if (this.count < this.buckets >>> 1) this.merge();
  }

  private dropOldest(): void {
    const position = this.first;
    if (this.get(position, COST) !== GONE) this.remove(position);
    this.first = following(position);
    if ((this.first & CHUNK_MASK) === 0 || this.first === 1) this.freeChunk(position >>> CHUNK_BITS);
  }

  private link(position: number, hash: number): void {
    const bucket = this.bucketOf(hash >>> 0);
    this.set(position, NEXT, this.headOf(bucket));
    this.setHead(bucket, position);
  }

  /** Adds a bucket and divides the chain that it shares. */
  private split(): void {
    const bucket = this.buckets;
    if (!this.addBucket()) return;
    const old = bucket - (1 << (31 - Math.clz32(bucket)));
    let position = this.headOf(old);
    this.setHead(old, 0);
    while (position !== 0) {
      const next = this.get(position, NEXT);
      this.link(position, this.get(position, HASH));
      position = next;
    }
  }

  /** Takes the last bucket away; its chain goes to the one that it was split from. */
  private merge(): void {
    if (this.buckets <= 1) return;
    const bucket = this.buckets - 1;
    let position = this.headOf(bucket);
    this.setHead(bucket, 0);
    this.buckets = bucket;
    while (position !== 0) {
      const next = this.get(position, NEXT);
      this.link(position, this.get(position, HASH));
      position = next;
    }
    if ((bucket & CHUNK_MASK) === 0 && bucket > 0) {
      this.heads.pop();
      this.charge(-HEADS_BYTES);
    }
  }

  private addBucket(): boolean {
    if ((this.buckets & CHUNK_MASK) === 0) {
      if (!this.charge(HEADS_BYTES)) return false;
      this.heads.push(new Uint32Array(CHUNK_ENTRIES));
    }
    this.buckets++;
    return true;
  }

  /** Linear hashing by the low bits. */
  private bucketOf(hash: number): number {
    const bits = 32 - Math.clz32(this.buckets - 1);
    const bucket = bits === 0 ? 0 : hash & (2 ** bits - 1);
    return bucket < this.buckets ? bucket : bucket - 2 ** (bits - 1);
  }

  /** Makes sure that the next position has a place. */
  private addChunk(): boolean {
    const chunk = this.end >>> CHUNK_BITS;
    if (this.end !== this.first && this.chunks[chunk & (this.chunks.length - 1)] !== undefined) {
      const isNew = (this.end & CHUNK_MASK) === 0;
      if (!isNew) return true;
      this.widen();
    } else if (this.chunks[chunk & (this.chunks.length - 1)] !== undefined) return true;
    if (!this.charge(CHUNK_BYTES)) return false;
    this.chunks[chunk & (this.chunks.length - 1)] = new Uint32Array(CHUNK_ENTRIES * FIELDS);
    return true;
  }

  /** Makes the circle of chunks twice as long. */
  private widen(): void {
    const { chunks } = this;
    const mask = 2 * chunks.length - 1;
    const wide = new Array<Uint32Array | undefined>(mask + 1).fill(undefined);
    const oldest = this.first >>> CHUNK_BITS;
    for (let i = 0; i < chunks.length; i++) wide[(oldest + i) & mask] = chunks[(oldest + i) & (chunks.length - 1)];
    this.chunks = wide;
  }

  private freeChunk(chunk: number): void {
    this.chunks[chunk & (this.chunks.length - 1)] = undefined;
    this.charge(-CHUNK_BYTES);
  }

  private charge(bytes: number): boolean {
    if (!this.budget.charge(bytes)) return false;
    this.memoryBytes += bytes;
    return true;
  }

  private get(position: number, field: number): number {
    return this.chunks[(position >>> CHUNK_BITS) & (this.chunks.length - 1)]![(position & CHUNK_MASK) * FIELDS + field];
  }

  private set(position: number, field: number, value: number): void {
    this.chunks[(position >>> CHUNK_BITS) & (this.chunks.length - 1)]![(position & CHUNK_MASK) * FIELDS + field] =
      value;
  }

  private headOf(bucket: number): number {
    return this.heads[bucket >>> CHUNK_BITS][bucket & CHUNK_MASK];
  }

  private setHead(bucket: number, position: number): void {
    this.heads[bucket >>> CHUNK_BITS][bucket & CHUNK_MASK] = position;
  }
}

/** The position behind this one; 0 is left out. */
function following(position: number): number {
  return position === 0xffffffff ? 1 : position + 1;
}
