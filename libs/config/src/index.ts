import 'reflect-metadata';

export { resolveAdvertiseHost } from './advertise-host.js';
export { ClusterConfig } from './cluster-config.js';
export { ConfigError, HelpRequested } from './config-error.js';
export type { Environment } from './environment-source.js';
export { HyperCacheConfig, ROLES, type ConfigOrigin, type Role } from './hypercache-config.js';
export { LimitsConfig } from './limits-config.js';
export { DEFAULT_CONFIG_FILE, loadConfig, type ConfigSources } from './load-config.js';
export { NatsConfig, NatsTlsConfig } from './nats-config.js';
export { NetworkConfig, ProtocolsConfig } from './network-config.js';
export { resolveNodeId } from './node-id.js';
export { LoggingConfig, MemoryConfig, PersistenceConfig, TracingConfig } from './operations-config.js';
export { renderConfigurationReference, renderDefaultFile } from './reference.js';
export { SecurityConfig, UserConfig } from './security-config.js';
export { DEFAULT_STORE, defaultStore, STORE_TYPES, StoreConfig, storeId, type StoreType } from './stores-config.js';
export { errorCode, reasonOf } from './system-error.js';
