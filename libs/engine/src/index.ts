export { BudgetShare } from './budget/budget-share.js';
export { NodeBudget } from './budget/node-budget.js';
export { EntryView } from './entry-view.js';
export { PREFIX_BITS, prefixOf } from './key-hash.js';
export {
  DATABASE_COUNT,
  encodeEntryBody,
  entryBodyLength,
  EntryHeader,
  MAX_EXPIRES_AT_MS,
  parseEntryBody,
  VALUE_TYPE,
  type ValueType,
} from './record.js';
export {
  ABSENT,
  ALL_DATABASES,
  type EntryRef,
  SCAN_END,
  StoreEngine,
  type StoreEngineOptions,
} from './store-engine.js';
export type { StoreStats } from './store-stats.js';
