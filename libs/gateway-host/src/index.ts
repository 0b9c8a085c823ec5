export { GatewayHost, type ExecuteOptions, type GatewayPorts } from './gateway-host.js';
export type { GatewaySession } from './gateway-session.js';
export { GATEWAY_DEFAULTS, type GatewayOptions, type GatewayTuning } from './options.js';
export { GatewayStatistics, LATENCY_BUCKETS_SECONDS } from './statistics.js';
export { NO_CONFIG_FILE, type SettingsSource } from './settings-source.js';
