/** What the engine lends its policies. */
import type { Arena } from '../arena.js';
import type { EntryLocator } from '../entry-locator.js';
import type { ExpiryHeap } from '../expiry-heap.js';
import type { LogOrder } from '../log-order.js';
import type { MemoryBudget } from '../memory-budget.js';
import type { PageTable } from '../page-table.js';
import type { PassedPages } from '../passed-pages.js';
import type { RecordLog } from '../record-log.js';
import type { RecordMover } from '../record-mover.js';
import type { ShardState } from '../shard-state.js';

export interface PolicyContext {
  readonly arena: Arena;
  readonly budget: MemoryBudget;
  readonly state: ShardState;
  readonly pages: PageTable;
  readonly log: RecordLog;
  readonly order: LogOrder;
  readonly heap: ExpiryHeap;
  readonly mover: RecordMover;
  readonly locator: EntryLocator;
  readonly passed: PassedPages;
  readonly partitionCount: number;
  /** Per partition, 1 where this node decides what is evicted. */
  readonly evictable: Uint8Array;
}
