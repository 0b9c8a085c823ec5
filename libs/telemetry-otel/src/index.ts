export { createTelemetry, type ManagedTelemetry, type TelemetryOptions } from './create-telemetry.js';
export { NoTelemetry } from './no-telemetry.js';
export { SampleLimiter } from './sample-limiter.js';
export { formatTraceparent, parseTraceparent, type Traceparent } from './traceparent.js';
