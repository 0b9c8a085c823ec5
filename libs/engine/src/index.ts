export { CHANGE, type Change, type CollectionSlot } from './collections/collection-slot.js';
export type { CollectionCursor } from './collections/collection-cursor.js';
export type { UnitPosition } from './collections/collection-units.js';
export { CollectionEntry } from './collections/collection-entry.js';
export { CollectionDraft } from './collections/collection-draft.js';
export { isRoot as isCollectionRoot } from './collections/owned-trees.js';
export { Collections } from './collections/collections.js';
export { ElementView } from './collections/element-view.js';
export { checkEntryValue } from './collections/entry-value-check.js';
export { checkPacked } from './collections/packed-check.js';
export { BudgetShare } from './budget/budget-share.js';
export { NodeBudget } from './budget/node-budget.js';
export type { StoreEngineOptions } from './engine-options.js';
export { EntryView } from './entry-view.js';
export { KeyHasher, PREFIX_BITS, prefixOf } from './key-hash.js';
export { PREFETCH_KEYS, PrefetchBatch } from './prefetch-batch.js';
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
export type { EvictionScope, VictimVisitor } from './policies/eviction-policy.js';
export {
  DEFAULT_POLICY,
  isPolicyName,
  POLICIES,
  POLICY_NAMES,
  type PolicyName,
  type PolicyOptions,
  REDIS_POLICIES,
} from './policies/registry.js';
export type { Pressure } from './pressure.js';
export { ABSENT, ALL_DATABASES, type EntryRef, SCAN_END, StoreEngine } from './store-engine.js';
export type { StoreStats } from './store-stats.js';
