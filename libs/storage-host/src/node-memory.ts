import { type EntryRef, NodeBudget } from '#libs/engine';
import type { EntryRemover } from './entry-remover.js';
import { checkLevels, type PressureLevels } from './pressure-levels.js';
import type { StoreShards } from './store-shards.js';
import type { EvictionCause } from './store-statistics.js';

/** Entries offered for eviction at a time; memory is looked at in between, so that one write does not pay for many others. */
const BATCH_ENTRIES = 4;
/**
 * What one write may do in one store before it gives up, in evictions: a constant, and so much for each of its bytes that
 * the smallest entries, of 16 bytes and more, can make way for it.
 */
const LEAST_WRITE_WORK = 1_024;
const BYTES_PER_WORK = 16;
/** A write that needs room frees this many times what it needs, and so much more: what is above a limit becomes less. */
const FREED_PER_BYTE = 2;
const DEBT_STEP_BYTES = 2 * 1024;
/**
 * Entries evicted at most after a frame: from the first number, where evicting begins, to the second one at the next level.
 * So a single write does not wait for what a page or a table took at once, and many writes are kept up with. The third
 * one is for a store above its target: its writes pay for themselves, and slices do the rest.
 */
const LEAST_TURN_EVICTIONS = 8;
const TURN_EVICTIONS = 512;
const DEBT_TURN_EVICTIONS = 32;
/** The same per store and slice, and between two looks at the time. */
const SLICE_EVICTIONS = 1_024;
const STEP_EVICTIONS = 32;
/** Log pages cleaned per store and sweep from the first level on, and how many evictions cleaning a page counts for. */
const SWEEP_PAGES = 4;
const PAGE_WORK = 16;
/** An entry may take at most this share of its store: index, pages and segments need some as well. */
const LARGEST_ENTRY_SHARE = 15 / 16;

/** What came of asking for room: there may be some, there is none as things are, or the entry can never fit. */
export type Room = 'made' | 'none' | 'too large';

/**
 * The memory of a node's stores: who may use how much ({@link NodeBudget}), and evictions, which keep them there. In the
 * background entries go in bounded steps, after frames and in slices; a write that finds too little room makes it itself.
 * Only entries whose partition this node decides for are evicted, each as an event of its own.
 *
 * Invariant: the sum over the stores of max(limit, used) is at most the node's limit; or, where more is used already, it
 * does not grow. A store's engine stores nothing beyond its limit.
 *
 * Who pays for a write: up to the store's target the stores above theirs, which have borrowed what is asked for now, the
 * one with most to give back first; beyond it, the store itself. What a lender frees for a write is the writer's at once. A
 * store above its target (a limit was lowered) goes on writing as long as it evicts more than it takes. A write is
 * refused where none of them may evict, or where it is larger than its store's part of the node.
 */
export class NodeMemory {
  readonly budget: NodeBudget;
  private readonly stores = new Set<StoreShards>();
  /** Those that were above their target and have not come down yet to where evicting begins. */
  private readonly shrinking = new Set<StoreShards>();
  private store!: StoreShards;
  private cause: EvictionCause = 'pressure';
  /** Whether the last {@link evictTo} found nothing more to evict or to clean. */
  private isStuck = false;
  /** Which store the next slice begins with. */
  private turn = 0;
  private readonly visit = (partition: number, ref: EntryRef): void => {
    this.remover.evict(this.store, partition, ref, this.cause);
  };

  constructor(
    memoryBytes: number,
    private levels: PressureLevels,
    private readonly remover: EntryRemover,
  ) {
    checkLevels(levels);
    this.budget = new NodeBudget(memoryBytes);
  }

  get limitBytes(): number {
    return this.budget.limitBytes;
  }

  get usedBytes(): number {
    let sum = 0;
    for (const { engine } of this.stores) sum += engine.usedBytes;
    return sum;
  }

  /** Takes effect at once for what is stored from now on; what is above the new limit goes in steps. */
  configure(memoryBytes: number, levels: PressureLevels): void {
    checkLevels(levels);
    this.levels = levels;
    this.budget.setLimit(memoryBytes);
    this.balance();
  }

  add(store: StoreShards): void {
    this.stores.add(store);
    this.budget.add(store.share);
  }

  remove(store: StoreShards): void {
    this.stores.delete(store);
    this.shrinking.delete(store);
    this.budget.remove(store.share);
  }

  /** Gives every store the limit that is right as things are. */
  balance(): void {
    for (const { share, engine, definition } of this.stores) {
      share.usedBytes = engine.usedBytes;
      if (definition.policy === 'noeviction') share.canShrink = false;
    }
    this.budget.balance();
    for (const store of this.stores) this.limit(store, store.share.limitBytes);
  }

  /** After a frame that used `store`: where it is under pressure, a bounded step for all stores that should shrink. */
  relieve(store: StoreShards, nowMs: number): void {
    if (store.engine.usedBytes < store.marks.relieveBytes) return;
    this.balance();
    for (const each of this.stores) this.shrink(each, turnEvictions(each), nowMs);
  }

  /** Looks again at what every store may use and can give back, and cleans some; {@link shrinkSlice} follows. */
  sweep(): void {
    for (const { share } of this.stores) share.canShrink = true;
    this.balance();
    for (const { engine, marks } of this.stores) {
      if (engine.usedBytes >= marks.cleanBytes) engine.reclaim(SWEEP_PAGES);
    }
  }

  /** Evicts where that should begin, a bounded number of entries and until `isOver`; true where more is to follow at once. */
  shrinkSlice(nowMs: number, isOver: () => boolean): boolean {
    this.balance();
    const stores = [...this.stores];
    for (const store of stores) {
      if (store.share.canShrink && store.engine.usedBytes > store.share.targetBytes) this.shrinking.add(store);
    }
    this.turn++;
    for (let i = 0; i < stores.length && (i === 0 || !isOver()); i++) {
      this.shrinkStore(stores[(this.turn + i) % stores.length], nowMs, isOver);
    }
    return this.shrinking.size > 0;
  }

  private shrinkStore(store: StoreShards, nowMs: number, isOver: () => boolean): void {
    for (let left = SLICE_EVICTIONS; left > 0; left -= STEP_EVICTIONS) {
      if (!this.shrink(store, STEP_EVICTIONS, nowMs)) {
        this.shrinking.delete(store);
        return;
      }
      if (isOver()) return;
    }
  }

  /**
   * Makes room for an entry of `bytes` by evictions, of stores that use more than their target and of this one. The work is
   * bounded in proportion to the bytes, so there may be too little yet.
   */
  makeRoom(store: StoreShards, bytes: number, nowMs: number): Room {
    const { engine, share, marks } = store;
    if (bytes > this.budget.mostOf(share) * LARGEST_ENTRY_SHARE) return 'too large';
    share.askedBytes = this.asked(engine.usedBytes, bytes);
    this.balance();
    share.askedBytes = 0;
    if (bytes > share.targetBytes * LARGEST_ENTRY_SHARE) return 'none';
    const work = LEAST_WRITE_WORK + Math.ceil(bytes / BYTES_PER_WORK);
    this.callIn(store, Math.min(engine.usedBytes + bytes, share.targetBytes) - engine.limitBytes, work, nowMs);
    const goalBytes = Math.max(0, Math.min(marks.backPressureBytes, engine.limitBytes) - bytes);
    if (engine.usedBytes <= goalBytes) return 'made';
    const leastBytes = engine.usedBytes - FREED_PER_BYTE * bytes - DEBT_STEP_BYTES;
    const evicted = this.evictTo(store, Math.max(goalBytes, leastBytes), work, nowMs);
    return evicted > 0 || !this.isStuck ? 'made' : 'none';
  }

  /** What a store that uses so much must ask for, so that its target has room for the entry below back-pressure. */
  private asked(usedBytes: number, bytes: number): number {
    const share = Math.min(this.levels.backPressurePercent / 100, LARGEST_ENTRY_SHARE);
    return Math.ceil((usedBytes + bytes) / share) - usedBytes;
  }

  /** Lets stores above their target free what `store` needs to grow by `bytes`, and gives it that: limits go over with the bytes. */
  private callIn(store: StoreShards, bytes: number, work: number, nowMs: number): void {
    let missing = bytes;
    for (let tries = this.stores.size; tries > 0 && missing > 0; tries--) {
      const lender = this.largestLender();
      if (lender === undefined) return;
      const before = lender.engine.usedBytes;
      const goalBytes = before - FREED_PER_BYTE * missing - DEBT_STEP_BYTES;
      this.evictTo(lender, Math.max(lender.share.targetBytes, goalBytes), work, nowMs);
      if (this.isStuck) lender.share.canShrink = false;
      const freed = before - lender.engine.usedBytes;
      missing -= freed;
      this.limit(lender, lender.engine.usedBytes);
      this.limit(store, Math.min(store.share.limitBytes + freed, store.share.targetBytes));
    }
  }

  /** The store that is furthest above its target and can shrink. */
  private largestLender(): StoreShards | undefined {
    let found: StoreShards | undefined;
    let most = 0;
    for (const store of this.stores) {
      const aboveBytes = store.share.canShrink ? store.engine.usedBytes - store.share.targetBytes : 0;
      if (aboveBytes <= most) continue;
      most = aboveBytes;
      found = store;
    }
    return found;
  }

  private limit({ share, engine, marks }: StoreShards, limitBytes: number): void {
    share.limitBytes = limitBytes;
    engine.setLimit(limitBytes);
    marks.set(share.targetBytes, limitBytes, this.levels);
  }

  /** A step of a store that should evict; false where there is nothing to do, or nothing that can be done. */
  private shrink(store: StoreShards, maxEntries: number, nowMs: number): boolean {
    const { engine, marks, share } = store;
    if (engine.usedBytes < marks.evictBytes) return false;
    const evicted = this.evictTo(store, marks.evictBytes, maxEntries, nowMs);
    if (!this.isStuck) return true;
    if (evicted === 0 && engine.usedBytes > share.targetBytes) share.canShrink = false;
    return evicted > 0;
  }

  /** Evicts and cleans until no more than `goalBytes` are used, within bounds; answers how many entries went. */
  private evictTo(store: StoreShards, goalBytes: number, maxEntries: number, nowMs: number): number {
    const { engine } = store;
    this.store = store;
    this.cause = this.causeOf(store);
    this.isStuck = false;
    let evicted = 0;
    for (let work = 0; work < maxEntries && engine.usedBytes > goalBytes; work++) {
      const isEnough = engine.usedBytes - engine.reclaimableBytes <= goalBytes;
      let cleaned = isEnough || engine.hasReleased ? engine.reclaim(1) : 0;
      if (cleaned === 0) {
        const gone = engine.evict(Math.min(BATCH_ENTRIES, maxEntries - work), nowMs, this.visit);
        evicted += gone;
        work += gone;
        if (gone === 0) cleaned = engine.reclaim(1);
        if (gone === 0 && cleaned === 0) {
          this.isStuck = true;
          break;
        }
      }
      work += cleaned * PAGE_WORK;
    }
    return evicted;
  }

  private causeOf({ engine, share }: StoreShards): EvictionCause {
    const { usedBytes } = engine;
    if (share.ownLimitBytes > 0 && usedBytes > share.ownLimitBytes) return 'limit';
    return usedBytes > share.targetBytes || share.targetBytes < this.budget.mostOf(share) ? 'node' : 'pressure';
  }
}

function turnEvictions({ engine, marks, share }: StoreShards): number {
  if (engine.usedBytes > share.targetBytes) return DEBT_TURN_EVICTIONS;
  const level = (engine.usedBytes - marks.evictBytes) / (marks.backPressureBytes - marks.evictBytes);
  return Math.min(LEAST_TURN_EVICTIONS + Math.ceil(TURN_EVICTIONS * Math.max(level, 0)), TURN_EVICTIONS);
}
