/** What `npm run config:check` says of a configuration that is in order. */
import { storeDefinition } from './stores-config.js';
import { storeDefaults, type HyperCacheConfig } from './hypercache-config.js';
import { formatBytes } from './values.js';

/** One line per store and one for the memory of a node. */
export function describeConfig(config: HyperCacheConfig): readonly string[] {
  const { stores, memory } = config;
  const { cleanPercent, evictPercent, backPressurePercent } = memory.pressure;
  const node = memory.nodeLimit === 0 ? '60 % of the machine' : formatBytes(memory.nodeLimit);
  return [
    ...stores.map((store) => describeStore(storeDefinition(store, storeDefaults(config)))),
    `memory of a storage node: ${node}; cleaning from ${cleanPercent} %, eviction from ${evictPercent} %, back-pressure from ${backPressurePercent} %`,
  ];
}

function describeStore(store: ReturnType<typeof storeDefinition>): string {
  const { name, type, policy, evictionScope, memoryLimitBytes, filter, ttlPrefixes } = store;
  const parts = [
    `policy ${policy} (${evictionScope})`,
    memoryLimitBytes === 0 ? 'no limit of its own' : `limit ${formatBytes(memoryLimitBytes)}`,
    ...lifetime('default time to live', store.defaultTtlMs),
    ...lifetime('idle time', store.idleTtlMs),
    ...lifetime('longest life', store.maxTtlMs),
    ...(ttlPrefixes.length === 0 ? [] : [`${ttlPrefixes.length} prefixes with a time to live`]),
    ...(store.replicas > 1 ? [`${store.replicas} copies`] : []),
    ...(store.timestamps ? ['timestamps'] : []),
    ...(filter.enabled ? [`filter at ${filter.falsePositiveRate}`] : []),
    ...(filter.nearStalenessMs > 0 ? [`copies of the filter at gateways, ${filter.nearStalenessMs} ms`] : []),
  ];
  return `store ${name}: ${type}, ${parts.join(', ')}`;
}

function lifetime(what: string, ms: number): readonly string[] {
  return ms === 0 ? [] : [`${what} ${ms} ms`];
}
