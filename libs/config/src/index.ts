import 'reflect-metadata';

export { resolveAdvertiseHost } from './advertise-host.js';
export { ClusterConfig } from './cluster-config.js';
export { RebalanceConfig } from './rebalance-config.js';
export { ConfigError, HelpRequested } from './config-error.js';
export { describeConfig } from './describe-config.js';
export { DebugConfig, effectiveLogLevels, type LogLevels } from './debug-config.js';
export type { Environment } from './environment-source.js';
export { HyperCacheConfig, ROLES, storeDefaults, type ConfigOrigin, type Role } from './hypercache-config.js';
export { LimitsConfig } from './limits-config.js';
export { DEFAULT_CONFIG_FILE, loadConfig, type ConfigSources } from './load-config.js';
export { machineMemoryBytes, nodeMemoryBytes } from './machine-memory.js';
export { NatsConfig, NatsTlsConfig } from './nats-config.js';
export { NetworkConfig, ProtocolsConfig } from './network-config.js';
export { resolveNodeId } from './node-id.js';
export { MemoryConfig, PressureConfig } from './memory-config.js';
export {
  FSYNC_POLICIES,
  LoggingConfig,
  PersistenceConfig,
  TracingConfig,
  type FsyncPolicy,
} from './operations-config.js';
export { renderConfigurationReference, renderDefaultFile } from './reference.js';
export { changeOf, rewriteText } from './rewrite.js';
export { SettingsFile } from './settings-file.js';
export { CHANGED_ORIGIN, RuntimeConfig } from './runtime-config.js';
export { SecurityConfig, UserConfig } from './security-config.js';
export { defaultStore, StoreConfig, storeDefinition, type StoreDefaults } from './stores-config.js';
export { errorCode, reasonOf } from './system-error.js';
