/**
 * The memory of one store on one node: all its entries, divided into shards by partition. Everything lies off the
 * JavaScript heap: entries and index pages in arenas of segments under one budget, so that the store's limit
 * bounds the sum of both, and no operation makes an object.
 *
 * The engine decides nothing: whether an entry has expired, what is evicted and which version an event has is the
 * primary's decision. Here is only what events did, the same on every owner.
 *
 * A reference is valid until the next mutation of the store (any shard). A partition number must be below
 * partitionCount. Visitors must not mutate the store unless their method allows it.
 */
import { DecodeError, assert } from '#libs/kernel';
import { Arena, MIN_SEGMENT_BYTES, UNIT_BYTES } from './arena.js';
import { EntryBlocks } from './entry-blocks.js';
import type { EntryView } from './entry-view.js';
import { ExpiryWheel } from './expiry-wheel.js';
import { HashIndex } from './hash-index.js';
import { SLOT_WORDS } from './index-pages.js';
import { KeyHasher, PREFIXES_PER_HASH } from './key-hash.js';
import { MemoryBudget } from './memory-budget.js';
import { DATABASE_COUNT, EntryHeader, MAX_EXPIRES_AT_MS, entryBodyLength, parseEntryBody } from './record.js';
import type { StoreStats } from './store-stats.js';

/** Where an entry lies: a positive number, or {@link ABSENT}. */
export type EntryRef = number;
export const ABSENT: EntryRef = 0;

/** {@link StoreEngine.scan}'s answer when the shard has been visited to its end. */
export const SCAN_END = -1;
/** As the database of {@link StoreEngine.applyClear} and {@link StoreEngine.count}. */
export const ALL_DATABASES = -1;

export interface StoreEngineOptions {
  /** A power of two up to 16384. */
  readonly partitionCount: number;
  /** 32 bits; the same on all nodes of a cluster, because scan cursors depend on it. */
  readonly hashSeed: number;
  /** What entries and index may use together. */
  readonly limitBytes: number;
  /** A power of two from 4 KiB to 256 MiB; by default 1 MiB, less for small limits. */
  readonly segmentBytes?: number;
}

const MAX_PARTITIONS = 16384;
const DEFAULT_SEGMENT_BYTES = 1024 * 1024;
/** A segment of index pages is so much smaller than one of entries. */
const PAGES_SEGMENT_DIVISOR = 4;
/** By default a limit is at least so many segments. */
const SEGMENTS_PER_LIMIT = 16;
const HASHES = 2 ** 32;

export class StoreEngine {
  readonly partitionCount: number;

  private readonly budget: MemoryBudget;
  /** Entries and index pages apart: pages come in few sizes and are reused among themselves. */
  private readonly entryArena: Arena;
  private readonly pageArena: Arena;
  private readonly blocks: EntryBlocks;
  private readonly index: HashIndex;
  private readonly wheel: ExpiryWheel;
  private readonly hasher: KeyHasher;
  /** Per partition and database. */
  private readonly databaseCounts: Uint32Array;
  private readonly expiringCounts: Uint32Array;
  private readonly incoming = new EntryHeader();
  private readonly stored = new EntryHeader();
  private entries = 0;
  private expiring = 0;
  private payloadBytes = 0;
  private entryBytes = 0;

  constructor(options: StoreEngineOptions) {
    const { partitionCount, hashSeed, limitBytes } = options;
    assert(partitionCount >= 1 && partitionCount <= MAX_PARTITIONS, 'partition count out of range');
    assert(limitBytes >= 0, 'limit must not be negative');
    this.partitionCount = partitionCount;
    const segmentBytes = options.segmentBytes ?? defaultSegmentBytes(limitBytes);
    this.budget = new MemoryBudget(limitBytes);
    this.entryArena = new Arena(segmentBytes, this.budget);
    this.pageArena = new Arena(Math.max(segmentBytes / PAGES_SEGMENT_DIVISOR, MIN_SEGMENT_BYTES), this.budget);
    this.blocks = new EntryBlocks(this.entryArena);
    this.index = new HashIndex(this.pageArena, this.budget, partitionCount);
    this.wheel = new ExpiryWheel(this.entryArena, this.blocks);
    this.hasher = new KeyHasher(hashSeed);
    this.databaseCounts = new Uint32Array(partitionCount * DATABASE_COUNT);
    this.expiringCounts = new Uint32Array(partitionCount);
  }

  /** The entry of a key, expired or not, or {@link ABSENT}. */
  find(partition: number, database: number, keyBuffer: Uint8Array, keyOffset: number, keyLength: number): EntryRef {
    const hash = this.hasher.hash(database, keyBuffer, keyOffset, keyLength);
    const slot = this.findSlot(partition, hash, database, keyBuffer, keyOffset, keyLength);
    return slot < 0 ? ABSENT : this.index.refAt(slot);
  }

  /** Fills a reusable view with where the entry's parts lie. */
  read(ref: EntryRef, view: EntryView): void {
    this.blocks.read(ref, view);
  }

  /** 0 = the entry does not expire. */
  expiresAtMs(ref: EntryRef): number {
    return this.blocks.expiresAtMs(ref);
  }

  /**
   * Inserts or replaces the entry of the body's (database, key). False where the limit does not allow it; nothing has
   * changed then. Throws DecodeError for a body that is not exactly one EntrySet; nothing has changed then, too.
   * The body must not lie in this engine's own memory.
   */
  applySet(partition: number, version: number, body: Uint8Array, bodyOffset: number, bodyLength: number): boolean {
    const header = this.incoming;
    parseEntryBody(body, bodyOffset, bodyLength, header);
    if (header.bodyLength !== bodyLength) throw new DecodeError('bytes behind the entry');
    const { database, keyOffset, keyLength } = header;
    const hash = this.hasher.hash(database, body, keyOffset, keyLength);
    const slot = this.findSlot(partition, hash, database, body, keyOffset, keyLength);
    const hasExpiry = header.expiresAtMs !== 0;
    const ref =
      slot < 0
        ? this.addEntry(partition, hash, bodyLength, hasExpiry)
        : this.exchange(partition, slot, bodyLength, hasExpiry);
    if (ref === ABSENT) return false;
    this.blocks.write(ref, version, body, bodyOffset, bodyLength);
    this.countIn(partition, ref, header);
    return true;
  }

  /** Removes an entry of this partition. */
  applyRemove(partition: number, ref: EntryRef): void {
    const header = this.stored;
    this.blocks.parse(ref, header);
    const hash = this.hasher.hash(header.database, this.blocks.bytesOf(ref), header.keyOffset, header.keyLength);
    const slot = this.index.slotOf(partition, hash, ref);
    assert(slot >= 0, 'removal of an entry that is not there');
    this.countOut(partition, ref, header);
    this.index.remove(partition, hash, slot);
    this.blocks.free(ref, header.bodyLength, header.expiresAtMs !== 0);
  }

  /** Sets or (0) removes an entry's expiry. False where the limit does not allow it; nothing has changed then. */
  applyExpiry(partition: number, ref: EntryRef, version: number, expiresAtMs: number): boolean {
    assert(expiresAtMs >= 0 && expiresAtMs <= MAX_EXPIRES_AT_MS, 'expiry out of range');
    if ((expiresAtMs !== 0) !== this.blocks.hasExpiry(ref)) return this.rewrite(partition, ref, version, expiresAtMs);
    this.blocks.writeVersion(ref, version);
    if (expiresAtMs === 0) return true;
    this.wheel.remove(ref);
    this.blocks.writeExpiresAt(ref, expiresAtMs);
    this.wheel.add(ref, expiresAtMs);
    return true;
  }

  /** Removes all entries of one database, or of all ({@link ALL_DATABASES}), from one shard. */
  applyClear(partition: number, database: number): void {
    if (this.count(partition, database) === 0) return;
    const header = this.stored;
    this.index.filter(partition, (ref) => {
      if (database !== ALL_DATABASES && this.blocks.databaseOf(ref) !== database) return true;
      this.blocks.parse(ref, header);
      this.countOut(partition, ref, header);
      this.blocks.free(ref, header.bodyLength, header.expiresAtMs !== 0);
      return false;
    });
  }

  /**
   * Visits entries of one database whose 39-bit hash prefix is not below `fromPrefix`, in ascending order: at least
   * `maxEntries` unless the shard ends, and always all that share a prefix. Answers where to go on, or
   * {@link SCAN_END}. An entry that exists throughout is visited at least once whatever changes between the calls.
   */
  scan(
    partition: number,
    database: number,
    fromPrefix: number,
    maxEntries: number,
    visit: (ref: EntryRef) => void,
  ): number {
    if (this.count(partition, database) === 0) return SCAN_END;
    const { index } = this;
    const wanted = Math.max(maxEntries, 1);
    const firstHash = Math.floor(fromPrefix / PREFIXES_PER_HASH);
    let start = firstHash;
    let visited = 0;
    let lastHash = -1;
    while (start < HASHES && index.seek(partition, start | 0)) {
      const { words, hashes, refs, count } = index.page;
      const end = index.endOfPage(start);
      for (let slot = index.slot; slot < count; slot++) {
        const hash = words[hashes + slot * SLOT_WORDS];
        if (visited >= wanted && hash !== lastHash) return hash * PREFIXES_PER_HASH;
        lastHash = hash;
        const ref = words[refs + slot * SLOT_WORDS];
        if (this.blocks.databaseOf(ref) !== database) continue;
        if (hash === firstHash && this.prefixOf(ref) < fromPrefix) continue;
        visited++;
        visit(ref);
      }
      start = end;
    }
    return SCAN_END;
  }

  /** Visits all entries of a shard in ascending order of their hash prefixes. */
  forEach(partition: number, visit: (ref: EntryRef) => void): void {
    const { index } = this;
    let start = 0;
    while (start < HASHES && index.seek(partition, start | 0)) {
      const { words, refs, count } = index.page;
      start = index.endOfPage(start);
      for (let slot = 0; slot < count; slot++) visit(words[refs + slot * SLOT_WORDS]);
    }
  }

  /**
   * Visits up to `maxEntries` entries whose expiry is not after `nowMs` and answers how many. The visitor may remove
   * the entry that it is given; what it keeps is visited again by later calls, after the others. The work is bounded:
   * after a jump of the clock a call may visit fewer than there are, and later calls the rest.
   */
  collectExpired(nowMs: number, maxEntries: number, visit: (partition: number, ref: EntryRef) => void): number {
    return this.wheel.collect(Math.floor(nowMs), maxEntries, visit);
  }

  /** An entry of the shard chosen by a random number below 2^32, nearly uniformly; {@link ABSENT} for an empty shard. */
  randomEntry(partition: number, randomU32: number): EntryRef {
    const { index } = this;
    if (index.count(partition) === 0) return ABSENT;
    let start = randomU32 >>> 0;
    index.seek(partition, start | 0);
    while (index.page.count === 0) {
      start = index.endOfPage(start) % HASHES;
      index.seek(partition, start | 0);
    }
    const { words, refs, count, depth } = index.page;
    const share = ((randomU32 << depth) >>> 0) / HASHES;
    return words[refs + Math.floor(share * count) * SLOT_WORDS];
  }

  /** Entries of a shard, expired ones included; of one database where given. */
  count(partition: number, database: number = ALL_DATABASES): number {
    if (database === ALL_DATABASES) return this.index.count(partition);
    return this.databaseCounts[partition * DATABASE_COUNT + database];
  }

  /** Entries of a shard that have an expiry. */
  expiringCount(partition: number): number {
    return this.expiringCounts[partition];
  }

  /** Takes effect for what is stored from now on; nothing is removed. */
  setLimit(limitBytes: number): void {
    assert(limitBytes >= 0, 'limit must not be negative');
    this.budget.limitBytes = limitBytes;
  }

  get usedBytes(): number {
    return this.budget.usedBytes;
  }

  get limitBytes(): number {
    return this.budget.limitBytes;
  }

  stats(): StoreStats {
    const { budget, entryArena, pageArena, entries, entryBytes } = this;
    const lostBytes = entryArena.unusableBytes() + pageArena.unusableBytes();
    return {
      entries,
      expiring: this.expiring,
      usedBytes: budget.usedBytes,
      payloadBytes: this.payloadBytes,
      entryBytes,
      indexBytes: this.index.usedBytes + entryArena.bitmapBytes + pageArena.bitmapBytes,
      segmentBytes: budget.reservedBytes,
      freeBytes: budget.freeBytes,
      limitBytes: budget.limitBytes,
      fragmentation: budget.reservedBytes === 0 ? 0 : lostBytes / budget.reservedBytes,
    };
  }

  /** The slot of a key in the page that the index then points at, or -1. */
  private findSlot(
    partition: number,
    hash: number,
    database: number,
    keyBuffer: Uint8Array,
    keyOffset: number,
    keyLength: number,
  ): number {
    const { index, blocks } = this;
    if (!index.seek(partition, hash)) return -1;
    const { words, hashes, refs, count } = index.page;
    const target = hash >>> 0;
    for (let slot = index.slot; slot < count && words[hashes + slot * SLOT_WORDS] === target; slot++) {
      if (blocks.matches(words[refs + slot * SLOT_WORDS], database, keyBuffer, keyOffset, keyLength)) return slot;
    }
    return -1;
  }

  /** Takes an unwritten entry into the index, where findSlot has looked; ABSENT where the limit does not allow it. */
  private addEntry(partition: number, hash: number, bodyLength: number, hasExpiry: boolean): EntryRef {
    const ref = this.blocks.allocate(bodyLength, hasExpiry, 0);
    if (ref === ABSENT) return ABSENT;
    if (!this.index.hasRoom && !this.index.reserve(partition, hash)) {
      this.blocks.free(ref, bodyLength, hasExpiry);
      return ABSENT;
    }
    this.index.insert(partition, hash, ref);
    return ref;
  }

  /** Makes room for another body in place of the entry at `slot`; ABSENT where the limit does not allow it. */
  private exchange(partition: number, slot: number, bodyLength: number, hasExpiry: boolean): EntryRef {
    const { blocks, index, stored } = this;
    const old = index.refAt(slot);
    blocks.parse(old, stored);
    const hadExpiry = stored.expiresAtMs !== 0;
    const oldUnits = blocks.unitsOf(stored.bodyLength, hadExpiry);
    const fits = hadExpiry === hasExpiry && oldUnits === blocks.unitsOf(bodyLength, hasExpiry);
    const ref = fits ? old : blocks.allocate(bodyLength, hasExpiry, oldUnits * UNIT_BYTES);
    if (ref === ABSENT) return ABSENT;
    this.countOut(partition, old, stored);
    if (fits) return old;
    index.replace(slot, ref);
    blocks.free(old, stored.bodyLength, hadExpiry);
    return ref;
  }

  /** Stores an entry anew because its form changes with the expiry that it gets or loses. */
  private rewrite(partition: number, ref: EntryRef, version: number, expiresAtMs: number): boolean {
    const { blocks, index, stored, incoming } = this;
    blocks.parse(ref, stored);
    const hash = this.hasher.hash(stored.database, blocks.bytesOf(ref), stored.keyOffset, stored.keyLength);
    const slot = index.slotOf(partition, hash, ref);
    assert(slot >= 0, 'expiry of an entry that is not there');
    const hadExpiry = stored.expiresAtMs !== 0;
    const bodyLength = entryBodyLength(stored.keyLength, stored.valueLength, expiresAtMs);
    const creditBytes = blocks.unitsOf(stored.bodyLength, hadExpiry) * UNIT_BYTES;
    const moved = blocks.allocate(bodyLength, !hadExpiry, creditBytes);
    if (moved === ABSENT) return false;
    blocks.copyWithExpiry(ref, stored, moved, version, expiresAtMs);
    this.countOut(partition, ref, stored);
    index.replace(slot, moved);
    blocks.free(ref, stored.bodyLength, hadExpiry);
    blocks.parse(moved, incoming);
    this.countIn(partition, moved, incoming);
    return true;
  }

  /** Enters a written entry into the counters and, with expiry, into the wheel. */
  private countIn(partition: number, ref: EntryRef, header: EntryHeader): void {
    const hasExpiry = header.expiresAtMs !== 0;
    this.entries++;
    this.payloadBytes += header.keyLength + header.valueLength;
    this.entryBytes += this.blocks.unitsOf(header.bodyLength, hasExpiry) * UNIT_BYTES;
    this.databaseCounts[partition * DATABASE_COUNT + header.database]++;
    if (!hasExpiry) return;
    this.expiring++;
    this.expiringCounts[partition]++;
    this.blocks.writePartition(ref, header.bodyLength, partition);
    this.wheel.add(ref, header.expiresAtMs);
  }

  /** The inverse of {@link countIn}, while the entry is still there. */
  private countOut(partition: number, ref: EntryRef, header: EntryHeader): void {
    const hasExpiry = header.expiresAtMs !== 0;
    this.entries--;
    this.payloadBytes -= header.keyLength + header.valueLength;
    this.entryBytes -= this.blocks.unitsOf(header.bodyLength, hasExpiry) * UNIT_BYTES;
    this.databaseCounts[partition * DATABASE_COUNT + header.database]--;
    if (!hasExpiry) return;
    this.expiring--;
    this.expiringCounts[partition]--;
    this.wheel.remove(ref);
  }

  private prefixOf(ref: EntryRef): number {
    const header = this.stored;
    this.blocks.parse(ref, header);
    return this.hasher.prefix(header.database, this.blocks.bytesOf(ref), header.keyOffset, header.keyLength);
  }
}

function defaultSegmentBytes(limitBytes: number): number {
  let bytes = DEFAULT_SEGMENT_BYTES;
  while (bytes > MIN_SEGMENT_BYTES && bytes * SEGMENTS_PER_LIMIT > limitBytes) bytes /= 2;
  return bytes;
}
