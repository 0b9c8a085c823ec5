/** What an engine is made of, put together. */
import { Arena } from './arena.js';
import { limitsOf, type StoreEngineOptions } from './engine-options.js';
import { EntryFinder } from './entry-finder.js';
import { EntryLocator } from './entry-locator.js';
import { ExpiryCollector } from './expiry-collector.js';
import { ExpiryHeap } from './expiry-heap.js';
import { KeyHasher } from './key-hash.js';
import { LogOrder } from './log-order.js';
import { MemoryBudget } from './memory-budget.js';
import { PageAdopter } from './page-adopter.js';
import { PageCleaner } from './page-cleaner.js';
import { PageTable } from './page-table.js';
import { DEFAULT_POLICY } from './policies/registry.js';
import { PolicySeat } from './policy-seat.js';
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
  readonly finder: EntryFinder;
  readonly entries: StoredEntries;
  readonly seat: PolicySeat;
  readonly gauge: PressureGauge;
  readonly cleaner: PageCleaner;
  readonly adopter: PageAdopter;
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
    const context = { arena, budget, state, pages, log, order, heap, mover, locator, partitionCount, evictable };
    const seat = new PolicySeat(context, options.policy ?? DEFAULT_POLICY);
    this.partitionCount = partitionCount;
    this.budget = budget;
    this.arena = arena;
    this.state = state;
    this.hasher = hasher;
    this.heap = heap;
    this.log = log;
    this.index = index;
    this.finder = finder;
    this.seat = seat;
    this.gauge = new PressureGauge(budget, log, options.pressurePercents);
    this.entries = new StoredEntries(arena, state, pages, log, index, heap, locator, finder, budget, seat);
    this.cleaner = new PageCleaner(arena, log, pages, heap, locator, seat, partitionCount);
    this.mover = mover;
    this.adopter = new PageAdopter(arena, log, pages, mover, locator, seat, partitionCount);
    this.collector = new ExpiryCollector(arena, log, heap, locator);
    this.walk = new ShardWalk(log, index, new ScanRun(log, locator, hasher));
  }
}
