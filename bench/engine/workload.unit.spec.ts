import { inOrder, KEY_BYTES, makeStream, PARTITIONS, shuffled } from './workload.js';

describe('the workload of the engine suite', () => {
  it('has keys of the same length that are all different', () => {
    const { keys } = makeStream('key:', inOrder(12_346));
    expect(keys.length).toBe(12_346 * KEY_BYTES);
    expect(keys.toString('latin1', 0, KEY_BYTES)).toBe('key:00000000');
    expect(keys.toString('latin1', 12_345 * KEY_BYTES)).toBe('key:00012345');
  });

  it('lays the keys of a stream behind one another in the order of the requests', () => {
    const { keys, partitions } = makeStream('key:', Uint32Array.of(7, 3));
    expect(keys.toString('latin1')).toBe('key:00000007key:00000003');
    expect(partitions[1]).toBe(makeStream('key:', inOrder(4)).partitions[3]);
    expect(Math.max(...partitions)).toBeLessThan(PARTITIONS);
  });

  it('asks for each key once, in an order that is the same each time', () => {
    const order = shuffled(10_000);
    expect(order).toEqual(shuffled(10_000));
    expect(order.toSorted()).toEqual(inOrder(10_000));
    expect(order.filter((value, i) => value === i).length).toBeLessThan(20);
  });
});
