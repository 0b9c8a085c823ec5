/**
 * Ids of stores. Operations, events and copies of partitions carry them in the place of names, so an id is the store's
 * generation too: what is still under way for a store that was dropped finds none, and no later one of the same name.
 */
import type { TableStore } from './cluster-table.js';
import { CLUSTER_LIMITS } from './limits.js';
import { DEFAULT_STORE_ID, DEFAULT_STORE_NAME, type StoreDefinition } from './store-definition.js';

/** The next free id after `lastId`, round and round, so that an id comes back as late as possible. */
export function nextStoreId(stores: readonly TableStore[], lastId: number): number {
  const used = new Set(stores.map(({ id }) => id));
  let id = lastId;
  do id = id >= CLUSTER_LIMITS.maxStoreId ? DEFAULT_STORE_ID + 1 : id + 1;
  while (used.has(id));
  return id;
}

/** The stores of a new cluster. */
export function numberedStores(definitions: readonly StoreDefinition[]): TableStore[] {
  let lastId = DEFAULT_STORE_ID;
  return definitions.map((definition) => ({
    ...definition,
    id: definition.name === DEFAULT_STORE_NAME ? DEFAULT_STORE_ID : ++lastId,
  }));
}
