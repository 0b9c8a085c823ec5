import { type EntryRef, NodeBudget } from '#libs/engine';
import type { EntryRemover } from './entry-remover.js';
import { checkLevels, type PressureLevels } from './pressure-levels.js';
import type { StoreShards } from './store-shards.js';
import type { EvictionCause } from './store-statistics.js';

/** Entries offered for eviction at a time; memory is looked at in between, so that one write does not pay for many others. */
const BATCH_ENTRIES = 4;
/** Entries that one write may evict before it is refused. */
const MAX_WRITE_EVICTIONS = 16_384;
/**
 * Entries evicted at most after a frame: from the first number, where evicting begins, to the second one at the next level.
 * So a single write does not wait for what a page or a table took at once, and many writes are kept up with.
 */
const LEAST_TURN_EVICTIONS = 8;
const TURN_EVICTIONS = 512;
/** The same per store and sweep: one to three milliseconds. */
const SWEEP_EVICTIONS = 1_024;
/** Log pages cleaned per store and sweep from the first level on, and how many evictions cleaning a page counts for. */
const SWEEP_PAGES = 4;
const PAGE_WORK = 16;
/** An entry may take at most this share of its store: index, pages and segments need some as well. */
const LARGEST_ENTRY_SHARE = 15 / 16;

/** What came of asking for room: there may be some, nothing may be evicted, or the entry can never fit. */
export type Room = 'made' | 'none' | 'too large';

/**
 * The memory of a node's stores: who may use how much ({@link NodeBudget}), and evictions, which keep them there. In the
 * background entries go in bounded steps, after frames and in sweeps; a write that finds too little room evicts what it
 * needs itself. Only entries whose partition this node decides for are evicted, each as an event of its own.
 */
export class NodeMemory {
  readonly budget: NodeBudget;
  private readonly stores = new Set<StoreShards>();
  private store!: StoreShards;
  private cause: EvictionCause = 'pressure';
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
    this.budget.remove(store.share);
  }

  /** Gives every store the limit that is right as things are. */
  balance(): void {
    for (const { share, engine, definition } of this.stores) {
      share.usedBytes = engine.usedBytes;
      if (definition.policy === 'noeviction') share.canShrink = false;
    }
    this.budget.balance();
    for (const { share, engine, marks } of this.stores) {
      engine.setLimit(share.limitBytes);
      marks.set(share.targetBytes, this.levels);
    }
  }

  /** After a frame that used `store`: where it is under pressure, a bounded step for all stores that should shrink. */
  relieve(store: StoreShards, nowMs: number): void {
    if (store.engine.usedBytes < store.marks.evictBytes) return;
    this.balance();
    for (const each of this.stores) this.shrink(each, turnEvictions(each), nowMs);
  }

  /** A bounded step for every store that needs it. */
  sweep(nowMs: number): void {
    for (const { share } of this.stores) share.canShrink = true;
    this.balance();
    for (const store of this.stores) {
      if (store.engine.usedBytes >= store.marks.cleanBytes) store.engine.reclaim(SWEEP_PAGES);
      this.shrink(store, SWEEP_EVICTIONS, nowMs);
    }
  }

  /** Evicts until an entry of `bytes` may be accepted, at most so many tries. */
  makeRoom(store: StoreShards, bytes: number, nowMs: number): Room {
    const { engine, share, marks } = store;
    share.askedBytes = bytes;
    this.balance();
    share.askedBytes = 0;
    if (bytes > share.targetBytes * LARGEST_ENTRY_SHARE) return 'too large';
    const goalBytes = Math.max(0, marks.backPressureBytes - bytes);
    if (engine.usedBytes <= goalBytes) return 'made';
    const evicted = this.evictTo(store, goalBytes, MAX_WRITE_EVICTIONS, nowMs);
    return evicted > 0 || engine.usedBytes <= goalBytes ? 'made' : 'none';
  }

  private shrink(store: StoreShards, maxEntries: number, nowMs: number): void {
    const { engine, marks, share } = store;
    if (engine.usedBytes < marks.evictBytes) return;
    const evicted = this.evictTo(store, marks.evictBytes, maxEntries, nowMs);
    if (evicted === 0 && engine.usedBytes > share.targetBytes) share.canShrink = false;
  }

  /** Evicts and cleans until no more than `goalBytes` are used, within bounds; answers how many entries went. */
  private evictTo(store: StoreShards, goalBytes: number, maxEntries: number, nowMs: number): number {
    const { engine } = store;
    this.store = store;
    this.cause = this.causeOf(store);
    let evicted = 0;
    for (let work = 0; work < maxEntries && engine.usedBytes > goalBytes; work++) {
      const isEnough = engine.usedBytes - engine.reclaimableBytes <= goalBytes;
      let cleaned = isEnough || engine.hasReleased ? engine.reclaim(1) : 0;
      if (cleaned === 0) {
        const gone = engine.evict(Math.min(BATCH_ENTRIES, maxEntries - work), nowMs, this.visit);
        evicted += gone;
        work += gone;
        if (gone === 0) cleaned = engine.reclaim(1);
        if (gone === 0 && cleaned === 0) break;
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

function turnEvictions({ engine, marks }: StoreShards): number {
  const share = (engine.usedBytes - marks.evictBytes) / (marks.backPressureBytes - marks.evictBytes);
  return Math.min(LEAST_TURN_EVICTIONS + Math.ceil(TURN_EVICTIONS * Math.max(share, 0)), TURN_EVICTIONS);
}
