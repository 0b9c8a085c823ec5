import { generatedTraces } from './generated-traces.js';
import { ReferenceLru, ReferenceS3Fifo, ReferenceSieve } from './reference-caches.support.spec.js';
import { replay } from './replay.js';

const REQUESTS = 60_000;

describe('the generated traces', () => {
  const [zipf, withScans, loop] = generatedTraces(REQUESTS);

  it('are the same each time', () => {
    expect(generatedTraces(REQUESTS)).toEqual([zipf, withScans, loop]);
  });

  it.each([zipf, withScans, loop])(
    'have one size per object: $name',
    ({ objects, sizes, objectCount, objectBytes }) => {
      const sizeOf = new Map<number, number>();
      const changed = objects.filter((object, i) => {
        const known = sizeOf.get(object);
        sizeOf.set(object, sizes[i]);
        return known !== undefined && known !== sizes[i];
      });
      expect(changed).toHaveLength(0);
      expect(sizeOf.size).toBe(objectCount);
      expect([...sizeOf.values()].reduce((sum, size) => sum + size, 0)).toBe(objectBytes);
    },
  );

  it('follow the law that they are named after', () => {
    const counts = new Map<number, number>();
    for (const object of zipf.objects) counts.set(object, (counts.get(object) ?? 0) + 1);
    const [first, second] = [...counts.values()].toSorted((a, b) => b - a);
    expect(first / second).toBeCloseTo(2 ** 0.9, 1);
  });

  it('show what policies differ in', () => {
    const misses = (trace: typeof zipf): number[] => {
      const bytes = 0.12 * trace.objectBytes;
      return [ReferenceLru, ReferenceSieve, ReferenceS3Fifo].map((Cache) => replay(trace, new Cache(bytes)).misses);
    };
    for (const trace of [zipf, withScans]) {
      const [lru, sieve, s3Fifo] = misses(trace);
      expect(sieve).toBeLessThan(lru);
      expect(s3Fifo).toBeLessThan(lru);
    }
    expect(misses(loop)[0]).toBe(loop.objects.length);
  });
});
