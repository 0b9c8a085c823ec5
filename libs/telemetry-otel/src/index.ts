export { createTelemetry } from './create-telemetry.js';
export type { ManagedTelemetry, TelemetryOptions } from './managed-telemetry.js';
export { NoTelemetry } from './no-telemetry.js';
export { SampleLimiter } from './sample-limiter.js';
export { formatTraceparent, parseTraceparent, type Traceparent } from './traceparent.js';
