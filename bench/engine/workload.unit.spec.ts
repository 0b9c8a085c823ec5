import { KEY_BYTES, makeKeys, shuffledOrder } from './workload.js';

describe('the workload of the engine suite', () => {
  it('has keys of the same length that are all different', () => {
    const keys = makeKeys('key:', 12_346);
    expect(keys.length).toBe(12_346 * KEY_BYTES);
    expect(keys.toString('latin1', 0, KEY_BYTES)).toBe('key:00000000');
    expect(keys.toString('latin1', 12_345 * KEY_BYTES)).toBe('key:00012345');
  });

  it('asks for each key once, in an order that is the same each time', () => {
    const order = shuffledOrder(10_000);
    expect(order).toEqual(shuffledOrder(10_000));
    expect(order.toSorted()).toEqual(Uint32Array.from({ length: 10_000 }, (_, i) => i));
    expect(order.filter((value, i) => value === i).length).toBeLessThan(20);
  });
});
