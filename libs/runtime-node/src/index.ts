export { useNativeChecksum } from './native-checksum.js';
export { useNativeCopy } from './native-copy.js';
export { SystemClock } from './system-clock.js';
export { SystemProcessUsage } from './system-process-usage.js';
export { SystemRng } from './system-rng.js';
export { SystemTimers } from './system-timers.js';
export { tuneRuntime } from './tune-runtime.js';
