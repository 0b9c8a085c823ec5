/** Plays a trace to a cache and counts what it did not hold. */
import type { Trace } from './trace.js';

export interface TraceCache {
  /** Asks for an object, and admits it where it is absent and fits. Answers whether it was there. */
  request(object: number, sizeBytes: number, nowMs: number): boolean;
}

export interface Replay {
  readonly misses: number;
  readonly nsPerRequest: number;
}

/** Every time in a cache lies behind this one, so that none of a trace, which may begin at 0, means "never". */
const EPOCH_MS = 1_700_000_000_000;

export function replay(trace: Trace, cache: TraceCache): Replay {
  const { objects, sizes, seconds } = trace;
  const startedAtMs = performance.now();
  let misses = 0;
  for (let i = 0; i < objects.length; i++) {
    if (!cache.request(objects[i], sizes[i], EPOCH_MS + 1000 * seconds[i])) misses++;
  }
  const elapsedMs = performance.now() - startedAtMs;
  return { misses, nsPerRequest: (1e6 * elapsedMs) / objects.length };
}
