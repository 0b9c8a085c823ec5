/** What must hold within each store and between the stores. One line per fault. */
import { policyByName, storeFaults } from '#libs/cluster';
import type { HyperCacheConfig } from './hypercache-config.js';
import type { Fault, OriginOf } from './fault.js';
import { snakeCase } from './setting.js';
import { storeDefinition, type StoreConfig } from './stores-config.js';

export function storeRelations({ stores, memory }: HyperCacheConfig, fault: Fault, originOf: OriginOf): string[] {
  return stores.flatMap((store, i) => {
    const path = `stores[${i}]`;
    const faults = storeFaults(storeDefinition(store, memory.defaultLimit)).map((text) => {
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
