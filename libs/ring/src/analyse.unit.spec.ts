import { analyse, movedCopies } from './analyse.js';
import { HashRing } from './hash-ring.js';
import { sha256Positions } from './position-hash.js';

const nodes = [
  { id: 'a', weight: 1, zone: '' },
  { id: 'b', weight: 3, zone: '' },
];

describe('analysis of a placement', () => {
  it('compares loads with shares by weight', () => {
    const analysis = analyse([['a', 'b'], ['b'], ['b'], []], nodes);
    expect(analysis.nodes).toEqual([
      { id: 'a', partitions: 1, primaries: 1, share: 1, deviation: 0 },
      { id: 'b', partitions: 3, primaries: 2, share: 3, deviation: 0 },
    ]);
    expect(analysis).toMatchObject({ maxDeviation: 0, loadFactor: 1, standardDeviation: 0, unowned: 1 });
    const uneven = analyse([['a'], ['a'], ['a'], ['b']], nodes);
    expect(uneven).toMatchObject({ maxDeviation: 2, loadFactor: 3, standardDeviation: 2 });
  });

  it('copes with nothing', () => {
    expect(analyse([], [])).toEqual({ nodes: [], maxDeviation: 0, loadFactor: 0, standardDeviation: 0, unowned: 0 });
    expect(analyse([[]], nodes).nodes[0]).toMatchObject({ share: 0, deviation: 0 });
  });

  it('counts copies that have to be transferred, not changes of the primary', () => {
    expect(movedCopies([['a', 'b'], ['a']], [['b', 'a'], ['b']])).toBe(1);
  });
});

describe('the hash ring', () => {
  it('gives SHA-256’s words as positions', () => {
    expect([...sha256Positions('abc')].map((word) => word.toString(16))).toEqual([
      'ba7816bf',
      '8f01cfea',
      '414140de',
      '5dae2223',
      'b00361a3',
      '96177a9c',
      'b410ff61',
      'f20015ad',
    ]);
  });

  it('meets every node once, from any position, in an order that depends on it', () => {
    const ring = new HashRing(Array.from({ length: 5 }, (_, i) => ({ id: `n${i}`, weight: 1 })));
    const orders = new Set<string>();
    for (const position of [0, 1, 0x7fffffff, 0x80000000, 0xffffffff]) {
      const met: number[] = [];
      expect(ring.walk(position, (node) => met.push(node) > 5)).toBe(-1);
      expect(met.toSorted()).toEqual([0, 1, 2, 3, 4]);
      const distances = met.map((node) => ring.distanceTo(position, node));
      expect(distances).toEqual(distances.toSorted((a, b) => a - b));
      orders.add(met.join());
    }
    expect(orders.size).toBeGreaterThan(1);
  });
});
