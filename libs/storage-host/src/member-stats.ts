import type { MemberStats, StoreStats } from '#libs/cluster';
import type { ProcessUsage } from '#libs/ports';
import type { PartitionOwnership } from './partition-ownership.js';
import type { StorageStatistics } from './statistics.js';
import type { StoreShards } from './store-shards.js';

const DATABASES = 16;
const DEFAULT_STORE = 'default';

/** What a storage node tells of itself in its heartbeats. */
export function memberStats(
  stores: Iterable<StoreShards>,
  ownership: PartitionOwnership,
  statistics: StorageStatistics,
  connections: number,
  processUsage: ProcessUsage | undefined,
): MemberStats {
  const perStore: StoreStats[] = [];
  const databaseKeys = new Array<number>(DATABASES).fill(0);
  let keys = 0;
  let expiringKeys = 0;
  let usedBytes = 0;
  let limitBytes = 0;
  for (const store of stores) {
    const totals = store.engine.stats();
    keys += totals.entries;
    expiringKeys += totals.expiring;
    usedBytes += totals.usedBytes;
    limitBytes += totals.limitBytes;
    perStore.push({
      storeId: store.definition.id,
      keys: totals.entries,
      expiringKeys: totals.expiring,
      usedBytes: totals.usedBytes,
      limitBytes: totals.limitBytes,
    });
    if (store.definition.name === DEFAULT_STORE) countDatabases(store, ownership, databaseKeys);
  }
  return {
    keys,
    expiringKeys,
    usedBytes,
    limitBytes,
    databaseKeys,
    hits: statistics.hits,
    misses: statistics.misses,
    operations: statistics.totalOperations(),
    evicted: statistics.evicted,
    expired: statistics.expired,
    connections,
    cpuMs: processUsage?.cpuMs() ?? 0,
    rssBytes: processUsage?.rssBytes() ?? 0,
    stores: perStore,
  };
}

function countDatabases(store: StoreShards, ownership: PartitionOwnership, databaseKeys: number[]): void {
  for (let database = 0; database < DATABASES; database++) {
    for (let partition = 0; partition < ownership.partitionCount; partition++) {
      if (ownership.isServing(partition)) databaseKeys[database] += store.engine.count(partition, database);
    }
  }
}
