/** How often a filter takes absent keys for present ones, and what it costs in memory and time to build. */
import { type FilteredStore, KeyBatch } from './filtered-store.js';

/** As in a storage node's sweep. */
const STEP_KEYS = 1_000;

export interface RateMeasurement {
  readonly configuredRate: number;
  readonly measuredRate: number;
  /** What the filter itself expects. */
  readonly estimatedRate: number;
  readonly probes: number;
  readonly bitsPerKey: number;
  readonly fingerprintBits: number;
  readonly loadFactor: number;
  readonly buildNsPerKey: number;
  readonly longestStepMs: number;
}

/** Probes until about `expected` false positives are to be found: their number scatters by its square root. */
export function measureRate(store: FilteredStore, configuredRate: number, expected: number): RateMeasurement {
  const filter = store.makeFilter(configuredRate, true);
  filter.enable();
  const { totalMs, longestMs } = build(() => filter.step(STEP_KEYS));
  const probes = Math.ceil(expected / configuredRate);
  const one = new KeyBatch(1);
  let found = 0;
  for (let i = 0; i < probes; i++) {
    one.put(0, i, false);
    const hash = store.engine.hashOf(0, one.keys, 0, one.keys.length);
    if (filter.mayContain(one.partitions[0], hash, store.engine.hashLow)) found++;
  }
  const { items, bytes, fingerprintBits, loadFactor, estimatedRate } = filter.stats();
  if (items !== store.count) throw new Error(`the filter holds ${items} of ${store.count} keys`);
  filter.disable();
  return {
    configuredRate,
    measuredRate: found / probes,
    estimatedRate,
    probes,
    bitsPerKey: (bytes * 8) / store.count,
    fingerprintBits,
    loadFactor,
    buildNsPerKey: (totalMs * 1e6) / store.count,
    longestStepMs: longestMs,
  };
}

function build(step: () => number): { readonly totalMs: number; readonly longestMs: number } {
  let [totalMs, longestMs] = [0, 0];
  for (let done = 1; done > 0;) {
    const startedAtMs = performance.now();
    done = step();
    const ms = performance.now() - startedAtMs;
    totalMs += ms;
    longestMs = Math.max(longestMs, ms);
  }
  return { totalMs, longestMs };
}
