export { EngineKeys } from './engine-keys.js';
export { encodeFilterCopy, FilterCopy, filterCopyBytes, type FilterTable } from './filter-copy.js';
export { DEFAULT_RATE, MAX_RATE, MIN_RATE } from './filter-sizing.js';
export type { FilterDecisions, FilterStats } from './filter-stats.js';
export type { Charge } from './filter-tables.js';
export { HashNotes } from './hash-notes.js';
export type { KeyVisitor, ShardKeys } from './shard-keys.js';
export { StoreFilter, type StoreFilterOptions } from './store-filter.js';
