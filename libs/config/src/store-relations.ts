/** What must hold within each store and between the stores. One line per fault. */
import { CLUSTER_LIMITS, DEFAULT_STORE_NAME, policyByName, storeFaults } from '#libs/cluster';
import type { HyperCacheConfig } from './hypercache-config.js';
import type { Fault, OriginOf } from './fault.js';
import { snakeCase } from './setting.js';
import { storeDefinition, type StoreConfig } from './stores-config.js';

export function storeRelations(config: HyperCacheConfig, fault: Fault, originOf: OriginOf): string[] {
  return [...countFaults(config, fault), ...definitionFaults(config, fault, originOf)];
}

/** What a cluster's table has room for. The default store takes a place also where it is not listed. */
function countFaults({ stores }: HyperCacheConfig, fault: Fault): string[] {
  const { maxStores, maxTtlPrefixesInAll } = CLUSTER_LIMITS;
  const count = stores.some(({ name }) => name === DEFAULT_STORE_NAME) ? stores.length : stores.length + 1;
  let prefixes = 0;
  const over = stores.findIndex(({ ttlPrefixes }) => (prefixes += ttlPrefixes.length) > maxTtlPrefixesInAll);
  const inAll = stores.reduce((sum, { ttlPrefixes }) => sum + ttlPrefixes.length, 0);
  return [
    ...(count > maxStores ? [fault('stores', count, `at most ${maxStores} stores, with the default store`)] : []),
    ...(over >= 0
      ? [fault(`stores[${over}].ttl_prefixes`, inAll, `at most ${maxTtlPrefixesInAll} prefixes in all stores together`)]
      : []),
  ];
}

/** The defaults are left out: they are checked where they were set. */
function definitionFaults({ stores }: HyperCacheConfig, fault: Fault, originOf: OriginOf): string[] {
  return stores.flatMap((store, i) => {
    const path = `stores[${i}]`;
    const faults = storeFaults(storeDefinition(store, { memoryLimitBytes: 0, replicas: 1 })).map((text) => {
      const [field] = text.split(/[ :]/, 1);
      const at = `${path}.${keyOf(field)}`;
      return `${at}:${text.slice(field.length).replace(/^:/, '')} (${originOf(at) ?? 'default'})`;
    });
    return [...scopeFaults(path, store, fault), ...faults];
  });
}

/** Redis's names say which entries may go; what stands beside them must not say otherwise. */
function scopeFaults(path: string, { policy, evictionScope }: StoreConfig, fault: Fault): string[] {
  const implied = policy === undefined ? undefined : policyByName(policy)?.evictionScope;
  if (evictionScope === undefined || implied === undefined || implied === evictionScope) return [];
  return [fault(`${path}.eviction_scope`, evictionScope, `${implied}, as the policy ${policy} says`)];
}

/** Fields of definitions carry their unit, and are in camel case. */
function keyOf(field: string): string {
  return field === 'memoryLimitBytes' ? 'memory_limit' : snakeCase(field);
}
