/** What an engine is made of, put together. */
import { Arena } from './arena.js';
import { OwnedTrees } from './collections/owned-trees.js';
import { limitsOf, type StoreEngineOptions } from './engine-options.js';
import { EntryExpiry } from './entry-expiry.js';
import { EntryFinder } from './entry-finder.js';
import { EntryLocator } from './entry-locator.js';
import { EntryTimes } from './entry-times.js';
import { ExpiryCollector } from './expiry-collector.js';
import { ExpiryHeap } from './expiry-heap.js';
import { Housekeeping } from './housekeeping.js';
import { KeyHasher } from './key-hash.js';
import { LogOrder } from './log-order.js';
import { MemoryBudget } from './memory-budget.js';
import { PageAdopter } from './page-adopter.js';
import { PageCleaner } from './page-cleaner.js';
import { PageTable } from './page-table.js';
import { DEFAULT_POLICY } from './policies/registry.js';
import { PolicySeat } from './policy-seat.js';
import { PassedPages } from './passed-pages.js';
import { Prefetcher } from './prefetcher.js';
import { PressureGauge } from './pressure.js';
import { MAX_PAGES, RecordLog } from './record-log.js';
import { RecordMover } from './record-mover.js';
import { ScanRun } from './scan-run.js';
import { ShardState } from './shard-state.js';
import { ShardWalk } from './shard-walk.js';
import { SlotIndex } from './slot-index.js';
import { StoredEntries } from './stored-entries.js';

export class EngineParts {
  readonly partitionCount: number;
  readonly budget: MemoryBudget;
  readonly arena: Arena;
  readonly state: ShardState;
  readonly hasher: KeyHasher;
  readonly heap: ExpiryHeap;
  readonly log: RecordLog;
  readonly index: SlotIndex;
  readonly prefetcher: Prefetcher;
  readonly finder: EntryFinder;
  readonly entries: StoredEntries;
  readonly times: EntryTimes;
  readonly expiry: EntryExpiry;
  readonly seat: PolicySeat;
  readonly gauge: PressureGauge;
  readonly cleaner: PageCleaner;
  readonly housekeeping: Housekeeping;
  readonly trees: OwnedTrees;
  readonly mover: RecordMover;
  readonly collector: ExpiryCollector;
  readonly walk: ShardWalk;

  constructor(options: StoreEngineOptions) {
    const { partitionCount, hashSeed, limitBytes, segmentBytes } = limitsOf(options);
    const budget = new MemoryBudget(limitBytes);
    const arena = new Arena(segmentBytes, budget);
    const state = new ShardState(arena, partitionCount);
    const hasher = new KeyHasher(hashSeed);
    const pages = new PageTable(arena, state, MAX_PAGES);
    const heap = new ExpiryHeap(pages, budget);
    const log = new RecordLog(arena, state, pages, heap);
    const index = new SlotIndex(arena, state, partitionCount);
    const locator = new EntryLocator(arena, index, hasher);
    const finder = new EntryFinder(log, index, locator);
    const order = new LogOrder(arena, pages, log);
    const mover = new RecordMover(log, pages, heap, locator);
    const evictable = new Uint8Array(partitionCount).fill(1);
    const passed = new PassedPages();
    const context = {
      arena,
      budget,
      state,
      pages,
      log,
      order,
      heap,
      mover,
      locator,
      passed,
      partitionCount,
      evictable,
    };
    const seat = new PolicySeat(context, options.policy ?? DEFAULT_POLICY, options.keepsTimes ?? false);
    this.partitionCount = partitionCount;
    this.budget = budget;
    this.arena = arena;
    this.state = state;
    this.hasher = hasher;
    this.heap = heap;
    this.log = log;
    this.index = index;
    this.prefetcher = new Prefetcher(arena, hasher, index, log);
    this.finder = finder;
    this.times = new EntryTimes(log, index, finder, seat);
    this.seat = seat;
    this.gauge = new PressureGauge(budget, log, options.pressurePercents);
    this.trees = new OwnedTrees(arena, locator, hashSeed);
    this.entries = new StoredEntries(arena, state, pages, log, index, heap, locator, finder, budget, seat, this.trees);
    this.expiry = new EntryExpiry(log, index, heap, locator, finder, seat);
    this.cleaner = new PageCleaner(arena, log, pages, heap, locator, seat, partitionCount);
    this.mover = mover;
    const adopter = new PageAdopter(arena, log, pages, mover, locator, seat, partitionCount);
    this.housekeeping = new Housekeeping(log, this.cleaner, adopter, this.gauge, this.trees, passed);
    this.collector = new ExpiryCollector(arena, log, heap, locator);
    this.walk = new ShardWalk(log, index, new ScanRun(log, locator, hasher));
  }
}
