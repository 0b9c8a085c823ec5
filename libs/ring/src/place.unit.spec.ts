import fc from 'fast-check';
import { analyse, movedCopies } from './analyse.js';
import { place, type Placement, type PlacementNode } from './place.js';
import { expectBalanced, nodesOf } from './placement.support.spec.js';
import { RING_HASH_NAMES, RING_HASHES } from './position-hash.js';

const P = 256;

const placed = (nodes: readonly PlacementNode[], previous?: Placement): Placement =>
  place({ partitionCount: P, nodes, replicationFactor: 1, ...(previous && { previous }) });

describe('placement of single copies', () => {
  it.each(Array.from({ length: 14 }, (_, i) => i + 1))('loads %i nodes evenly, within 5 per cent', (count) => {
    const nodes = nodesOf(count);
    const placement = placed(nodes);
    expectBalanced(placement, nodes);
    expect(analyse(placement, nodes).maxDeviation).toBeLessThan(0.055);
  });

  it('follows weights', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 1, maxLength: 10 }), (weights) => {
        const nodes = weights.map((weight, i) => ({ id: `n${i}`, weight, zone: '' }));
        expectBalanced(placed(nodes), nodes);
      }),
      { numRuns: 40 },
    );
  });

  it.each(Array.from({ length: 13 }, (_, i) => i + 1))('moves only the newcomer’s share when one joins %i', (count) => {
    const before = placed(nodesOf(count));
    const nodes = nodesOf(count + 1);
    const after = placed(nodes, before);
    expectBalanced(after, nodes);
    const fewest = Math.floor(P / (count + 1));
    expect(movedCopies(before, after)).toBeLessThanOrEqual(Math.ceil(fewest * 1.25));
    after.forEach(([owner], partition) => {
      if (owner !== before[partition][0]) expect(owner).toBe(`node-${count}`);
    });
  });

  it.each(Array.from({ length: 13 }, (_, i) => i + 2))(
    'moves only the leaver’s partitions when one of %i leaves',
    (count) => {
      const before = placed(nodesOf(count));
      const nodes = nodesOf(count).slice(1);
      const after = placed(nodes, before);
      expectBalanced(after, nodes);
      const lost = before.filter(([owner]) => owner === 'node-0').length;
      expect(movedCopies(before, after)).toBeLessThanOrEqual(Math.ceil(lost * 1.25));
    },
  );

  it('moves nothing where nothing has changed, and does not depend on the order of the nodes', () => {
    const nodes = nodesOf(7);
    const placement = placed(nodes);
    expect(placed(nodes, placement)).toEqual(placement);
    expect(placed(nodes.toReversed())).toEqual(placement);
  });

  it('asks for the rest of the moves alone when some have been carried out', () => {
    const before = placed(nodesOf(3));
    const goal = placed(nodesOf(4), before);
    const halfway = before.map((owners, partition) => (partition % 2 === 0 ? goal[partition] : owners));
    expect(movedCopies(before, halfway) + movedCopies(halfway, placed(nodesOf(4), halfway))).toBe(
      movedCopies(before, goal),
    );
  });

  it('stays near the fewest moves over any history of joins and leaves', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 12 }), (steps) => {
        const present = new Set([0, 1, 2]);
        const list = (): PlacementNode[] => [...present].map((i) => ({ id: `n${i}`, weight: 1, zone: '' }));
        let placement = placed(list());
        for (const step of steps) {
          if (!present.delete(step) || present.size === 0) present.add(step);
          const next = placed(list(), placement);
          expectBalanced(next, list());
          const orphans = placement.filter(([owner]) => !present.has(Number(owner.slice(1)))).length;
          expect(movedCopies(placement, next)).toBeLessThanOrEqual(
            Math.max(orphans, Math.ceil(P / present.size)) * 1.25,
          );
          placement = next;
        }
      }),
      { numRuns: 40 },
    );
  });

  it('has no owners where there are no nodes', () => {
    expect(placed([])).toEqual(Array.from({ length: P }, () => []));
  });

  it('gives a drained node nothing, moves only what it had, and takes it back', () => {
    const nodes = nodesOf(5);
    const before = placed(nodes);
    const drained = nodes.map((node, i) => (i === 2 ? { ...node, weight: 0 } : node));
    const after = placed(drained, before);
    expectBalanced(after, drained);
    expect(analyse(after, drained).nodes[2]).toMatchObject({ partitions: 0, share: 0, deviation: 0 });
    expect(movedCopies(before, after)).toBe(before.filter(([owner]) => owner === 'node-2').length);
    const again = placed(nodes, after);
    expectBalanced(again, nodes);
    expect(movedCopies(after, again)).toBe(Math.floor(P / 5));
  });

  it('leaves everything where it is when all nodes are drained', () => {
    const before = placed(nodesOf(3));
    expect(placed(nodesOf(3, 0), before)).toEqual(before);
    expect(placed(nodesOf(3, 0))).toEqual(placed([]));
  });

  it('moves what a changed weight asks for, and no more', () => {
    const before = placed(nodesOf(4));
    const nodes = nodesOf(4).map((node, i) => (i === 0 ? { ...node, weight: 5 } : node));
    const after = placed(nodes, before);
    expectBalanced(after, nodes);
    expect(analyse(after, nodes).nodes[0].partitions).toBe(P * 0.625);
    expect(movedCopies(before, after)).toBe(P * 0.625 - P / 4);
  });

  it.each(RING_HASH_NAMES)('is as even with the hash %s, and with few virtual nodes', (name) => {
    const nodes = nodesOf(5);
    const placement = place({ partitionCount: P, nodes, replicationFactor: 1, hash: RING_HASHES[name] });
    expectBalanced(placement, nodes);
    const coarse = place({ partitionCount: P, nodes, replicationFactor: 1, hash: RING_HASHES[name], virtualNodes: 4 });
    expectBalanced(coarse, nodes);
    expect(coarse).not.toEqual(placement);
    if (name !== 'sha256') expect(placement).not.toEqual(placed(nodes));
  });
});
