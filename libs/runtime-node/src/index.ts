export { SystemClock } from './system-clock.js';
export { SystemRng } from './system-rng.js';
export { SystemTimers } from './system-timers.js';
