import { KEY_BYTES } from './load-template.js';
import { LARGEST_VALUE_BYTES, MEAN_VALUE_BYTES, MixedStore, SMALLEST_VALUE_BYTES } from './mixed-store.js';

describe('a store of mixed sizes', () => {
  it('draws lengths between its bounds, half of them in the lower half of the doublings', () => {
    const store = new MixedStore(1, { limitBytes: 0 });
    const lengths = Array.from({ length: 20_000 }, () => store.randomLength());
    expect(Math.min(...lengths)).toBe(SMALLEST_VALUE_BYTES);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(LARGEST_VALUE_BYTES);
    const mean = lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
    expect(mean / MEAN_VALUE_BYTES).toBeCloseTo(1, 1);
    const middle = Math.sqrt(SMALLEST_VALUE_BYTES * LARGEST_VALUE_BYTES);
    expect(lengths.filter((length) => length < middle).length / lengths.length).toBeCloseTo(0.5, 1);
  });

  it('knows what the engine holds', () => {
    const store = new MixedStore(50, { limitBytes: 2 ** 24 });
    const { rng, engine } = store;
    const lengths = new Map<number, number>();
    for (let i = 0; i < 2000; i++) {
      if (store.count > 0 && rng.next() < 0.4) {
        const number = store.randomStored();
        expect(lengths.delete(number)).toBe(true);
        store.remove(number);
      } else {
        const number = rng.below(store.keys);
        const length = store.randomLength();
        expect(store.set(number, length)).toBe(true);
        lengths.set(number, length);
      }
      const payload = [...lengths.values()].reduce((sum, length) => sum + length + KEY_BYTES, 0);
      expect([store.count, store.payloadBytes]).toEqual([lengths.size, payload]);
    }
    expect(engine.stats()).toMatchObject({ entries: store.count, payloadBytes: store.payloadBytes });
  });

  it('changes nothing where the engine has no room', () => {
    const store = new MixedStore(10, { limitBytes: 4096 });
    expect(store.set(1, 8000)).toBe(false);
    expect([store.count, store.payloadBytes]).toEqual([0, 0]);
  });
});
