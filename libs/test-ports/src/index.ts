/** Ports under a test's control, for specs alone: time and messages move when told to, and everything is recorded. */
export { CollectingLogger, type LogLine } from './collecting-logger.js';
export { CollectingTelemetry, type CollectedSpan } from './collecting-telemetry.js';
export { FakeSocket } from './fake-socket.js';
export { ManualBus } from './manual-bus.js';
export { ManualNetwork, type Fate, type Rule } from './manual-network.js';
export { ManualTime } from './manual-time.js';
export { SeededRng } from './seeded-rng.js';
