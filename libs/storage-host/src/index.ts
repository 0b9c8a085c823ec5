export { STORAGE_DEFAULTS, type StorageOptions } from './options.js';
export { StorageStatistics } from './statistics.js';
export { StorageHost, type StoragePorts } from './storage-host.js';
export type { StoreShards } from './store-shards.js';
