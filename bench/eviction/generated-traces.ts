/**
 * Traces for who has none: three patterns on which policies are known to differ. Deterministic, so that two runs can
 * be compared. Sizes are spread evenly over powers of two.
 */
import { Xorshift } from '../lib/xorshift.js';
import type { Trace } from './trace.js';

const SEED = 0x2545f491;
const REQUESTS = 200_000;
const OBJECTS = 50_000;
/** Exponent of the popularity: what is measured at content networks lies between 0.6 and 1. */
const ZIPF_EXPONENT = 0.9;
const SCAN_EVERY = 20_000;
const SCAN_OBJECTS = 5_000;
/** A loop longer than every cache of the suite, so that LRU hits nothing. */
const LOOP_OBJECTS = 10_000;
const SMALLEST_BYTES = 512;
const SIZE_DOUBLINGS = 7;
const REQUESTS_PER_SECOND = 100;

/** Draws numbers below `count`, of which number n is asked for in proportion to 1 / (n + 1)^exponent. */
function zipf(count: number, rng: Xorshift): () => number {
  const cumulated = new Float64Array(count);
  let sum = 0;
  for (let n = 0; n < count; n++) cumulated[n] = sum += (n + 1) ** -ZIPF_EXPONENT;
  return () => {
    const wanted = rng.next() * sum;
    let low = 0;
    for (let high = count - 1; low < high;) {
      const middle = (low + high) >>> 1;
      if (cumulated[middle] > wanted) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}

function build(name: string, ids: ArrayLike<number>): Trace {
  const rng = new Xorshift(SEED);
  const numbers = new Map<number, number>();
  const sizeOf: number[] = [];
  const objects = Uint32Array.from(ids, (id) => {
    const known = numbers.get(id);
    if (known !== undefined) return known;
    sizeOf.push(Math.floor(SMALLEST_BYTES * 2 ** (rng.next() * SIZE_DOUBLINGS)));
    numbers.set(id, sizeOf.length - 1);
    return sizeOf.length - 1;
  });
  return {
    name,
    objects,
    sizes: objects.map((object) => sizeOf[object]),
    seconds: objects.map((_, i) => Math.floor(i / REQUESTS_PER_SECOND)),
    objectCount: sizeOf.length,
    objectBytes: sizeOf.reduce((sum, bytes) => sum + bytes, 0),
  };
}

/** Zipf's law alone; the same with scans of objects that never come again; a loop over the same objects. */
export function generatedTraces(requests = REQUESTS): readonly Trace[] {
  const draw = zipf(OBJECTS, new Xorshift(SEED));
  const popular = Uint32Array.from({ length: requests }, draw);
  let scanned = OBJECTS;
  const withScans = popular.map((id, i) => (i % SCAN_EVERY < SCAN_OBJECTS ? scanned++ : id));
  const loop = popular.map((_, i) => i % LOOP_OBJECTS);
  return [build('zipf', popular), build('zipf with scans', withScans), build('loop', loop)];
}
