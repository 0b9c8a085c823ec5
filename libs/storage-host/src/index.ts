export type { NodeMemory } from './node-memory.js';
export { NodeStores } from './node-stores.js';
export { type PersistenceOptions, STORAGE_DEFAULTS, type StorageOptions } from './options.js';
export { PRESSURE_LEVELS, type Pressure, type PressureLevels } from './pressure-levels.js';
export { StorageStatistics } from './statistics.js';
export { StorageHost } from './storage-host.js';
export type { StoragePorts } from './storage-ports.js';
export { StoreShards } from './store-shards.js';
export { EVICTION_CAUSES, type EvictionCause, type StoreStatistics } from './store-statistics.js';
