import fc from 'fast-check';
import { HashRing, nodePositions, type RingNode } from './hash-ring.js';
import { murmur3Positions, positionsOf, sha256Positions } from './position-hash.js';

const OPTIONS = { hash: murmur3Positions, virtualNodes: 16 };
/** Where nodes stand in each other's places: 16 positions in all. */
const CROWDED = { hash: (label: string) => murmur3Positions(label).map((position) => position % 16), virtualNodes: 4 };

const anyPosition = fc.oneof(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 0xffffffff }));

/** Ids of the nodes in the order in which a walk meets them. */
function walked(ring: HashRing, position: number, ids: readonly string[]): string[] {
  const met: string[] = [];
  expect(ring.walk(position, (node) => met.push(ids[node]) < 0)).toBe(-1);
  return met;
}

/** The same order, made the plain way. */
function expected(nodes: readonly RingNode[], options: typeof OPTIONS, position: number): string[] {
  const places = nodes
    .flatMap((node) => [...nodePositions(node, options)].map((place) => ({ place, id: node.id })))
    .map(({ place, id }) => ({ distance: (place - position + 2 ** 32) % 2 ** 32, id }))
    .toSorted((a, b) => a.distance - b.distance || (a.id < b.id ? -1 : 1));
  return [...new Set(places.map(({ id }) => id))];
}

describe('positions', () => {
  it('are SHA-256’s words', () => {
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

  it('of a heavier node begin with those of a lighter one', () => {
    expect(positionsOf('node/a', 20, sha256Positions).subarray(0, 10)).toEqual(
      positionsOf('node/a', 10, sha256Positions),
    );
    expect(nodePositions({ id: 'a', weight: 2 })).toHaveLength(512);
    expect(nodePositions({ id: 'a', weight: 0 })).toHaveLength(0);
  });
});

describe('the hash ring', () => {
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

  it.each([
    ['spread', OPTIONS],
    ['crowded', CROWDED],
  ])('walks like one made anew, however nodes came and went (%s)', (_name, options) => {
    const step = fc.record({ number: fc.integer({ min: 0, max: 7 }), weight: fc.integer({ min: 0, max: 3 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), anyPosition, (steps, position) => {
        const ring = new HashRing([], options);
        const ids: string[] = [];
        const present = new Map<string, { readonly node: RingNode; readonly index: number }>();
        for (const { number, weight } of steps) {
          const node = { id: `n${number}`, weight };
          const known = present.get(node.id);
          if (known === undefined) {
            const index = ring.add(node);
            ids[index] = node.id;
            present.set(node.id, { node, index });
          } else {
            ring.remove(known.index);
            present.delete(node.id);
          }
        }
        const nodes = [...present.values()].map(({ node }) => node);
        const sorted = nodes.toSorted((a, b) => (a.id < b.id ? -1 : 1));
        const met = walked(ring, position, ids);
        expect(met).toEqual(expected(nodes, options, position));
        expect(
          walked(
            new HashRing(sorted, options),
            position,
            sorted.map(({ id }) => id),
          ),
        ).toEqual(met);
        expect(ring.nodeCount).toBe(nodes.length);
        expect(ring.virtualNodeCount).toBe(nodes.reduce((sum, { weight }) => sum + weight * options.virtualNodes, 0));
        for (const { node, index } of present.values()) {
          const distances = [...nodePositions(node, options)].map((place) => (place - position + 2 ** 32) % 2 ** 32);
          expect(ring.distanceTo(position, index)).toBe(Math.min(Infinity, ...distances));
        }
      }),
      { numRuns: 200 },
    );
  });

  it('needs at most 4 KiB a node, its positions included', () => {
    for (const count of [1, 5, 14, 100]) {
      const ring = new HashRing();
      for (let i = 0; i < count; i++) ring.add({ id: `node-${i}`, weight: 1 });
      expect(ring.bytes / count).toBeLessThanOrEqual(4096);
    }
  });

  it('takes positions that are known, and refuses to remove a node that it does not have', () => {
    const node = { id: 'a', weight: 1 };
    const ring = new HashRing();
    ring.remove(ring.add(node, nodePositions(node)));
    expect(ring.walk(5, () => true)).toBe(-1);
    expect(() => ring.remove(0)).toThrow('only a node of the ring');
  });
});
