export { GatewayHost, type ExecuteOptions, type GatewayPorts } from './gateway-host.js';
export type { GatewaySession } from './gateway-session.js';
export { GATEWAY_DEFAULTS, type GatewayOptions } from './options.js';
export { GatewayStatistics, LATENCY_BUCKETS_SECONDS } from './statistics.js';
