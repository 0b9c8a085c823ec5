import { POLICY_NAMES, type PolicyName } from '#libs/engine';
import { EngineCache } from './engine-cache.js';
import { generatedTraces } from './generated-traces.js';
import { ReferenceLru, ReferenceS3Fifo, ReferenceSieve } from './reference-caches.support.spec.js';
import { replay, type TraceCache } from './replay.js';

const REFERENCES: Readonly<Record<string, new (cacheBytes: number) => TraceCache>> = {
  lru: ReferenceLru,
  sieve: ReferenceSieve,
  's3-fifo': ReferenceS3Fifo,
};
const traces = generatedTraces(12_000);
const shares = [0.01, 0.1, 0.3];
const exact = POLICY_NAMES.filter((policy) => policy in REFERENCES);

describe('the engine as the cache of a trace', () => {
  it.each(exact)('misses exactly what %s misses by its paper', (policy) => {
    for (const trace of traces) {
      for (const share of shares) {
        const bytes = Math.floor(share * trace.objectBytes);
        const { misses } = replay(trace, new REFERENCES[policy](bytes));
        expect(replay(trace, new EngineCache(policy, bytes)).misses).toBe(misses);
      }
    }
  });

  it.each(POLICY_NAMES)('holds no more than its size by %s', (policy: PolicyName) => {
    const [trace] = traces;
    const bytes = Math.floor(0.01 * trace.objectBytes);
    const { misses } = replay(trace, new EngineCache(policy, bytes));
    expect(misses).toBeGreaterThan(trace.objectCount);
    expect(misses).toBeLessThan(trace.objects.length);
  });

  it('does not admit what is larger than the cache', () => {
    const cache = new EngineCache('sieve', 1000);
    expect([cache.request(1, 1001, 1), cache.request(1, 1001, 1)]).toEqual([false, false]);
    expect([cache.request(2, 1000, 1), cache.request(2, 1000, 1)]).toEqual([false, true]);
  });
});
