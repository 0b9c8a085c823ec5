import fc from 'fast-check';
import { analyse, movedCopies } from './analyse.js';
import { place, type Placement, type PlacementNode } from './place.js';

const P = 256;

const nodesOf = (count: number, weight = 1): PlacementNode[] =>
  Array.from({ length: count }, (_, i) => ({ id: `node-${i}`, weight, zone: '' }));

const placed = (nodes: readonly PlacementNode[], previous?: Placement, replicationFactor = 1, partitionCount = P) =>
  place({ partitionCount, nodes, replicationFactor, ...(previous && { previous }) });

/** Every node has its share rounded down or up: the copies' share is capped at one copy of each partition. */
function expectBalanced(placement: Placement, nodes: readonly PlacementNode[]): void {
  for (const load of analyse(placement, nodes).nodes) {
    expect(load.partitions).toBeGreaterThanOrEqual(Math.floor(load.share));
    expect(load.partitions).toBeLessThanOrEqual(Math.ceil(load.share));
  }
}

function expectPrimariesBalanced(placement: Placement, nodes: readonly PlacementNode[]): void {
  const weight = nodes.reduce((sum, node) => sum + node.weight, 0);
  analyse(placement, nodes).nodes.forEach((load, index) => {
    const share = (placement.length * nodes[index].weight) / weight;
    expect(load.primaries).toBeGreaterThanOrEqual(Math.floor(share));
    expect(load.primaries).toBeLessThanOrEqual(Math.ceil(share));
  });
}

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

  it('takes another hash', () => {
    const hash = (label: string): Uint32Array => {
      let state = 2166136261;
      for (let i = 0; i < label.length; i++) state = Math.imul(state ^ label.charCodeAt(i), 16777619);
      return Uint32Array.of(state >>> 0);
    };
    const nodes = nodesOf(5);
    const placement = place({ partitionCount: P, nodes, replicationFactor: 1, hash });
    expectBalanced(placement, nodes);
    expect(placement).not.toEqual(placed(nodes));
  });
});

describe('placement of several copies', () => {
  it.each([1, 2, 3, 4, 5, 8, 14])('gives every partition distinct owners and loads %i nodes evenly', (count) => {
    const nodes = nodesOf(count);
    const placement = placed(nodes, undefined, 3);
    for (const owners of placement) {
      expect(owners).toHaveLength(Math.min(3, count));
      expect(new Set(owners).size).toBe(owners.length);
    }
    expectBalanced(placement, nodes);
    expectPrimariesBalanced(placement, nodes);
  });

  it('stays balanced, with few moves, when a node joins or leaves', () => {
    const before = placed(nodesOf(5), undefined, 3);
    const joined = placed(nodesOf(6), before, 3);
    expectBalanced(joined, nodesOf(6));
    expectPrimariesBalanced(joined, nodesOf(6));
    expect(movedCopies(before, joined)).toBeLessThanOrEqual(((P * 3) / 6) * 1.25);
    const left = placed(nodesOf(6).slice(1), joined, 3);
    expectBalanced(left, nodesOf(6).slice(1));
    expectPrimariesBalanced(left, nodesOf(6).slice(1));
    expect(movedCopies(joined, left)).toBeLessThanOrEqual(((P * 3) / 6) * 1.25);
  });

  it('keeps copies in different zones', () => {
    const nodes = nodesOf(6).map((node, i) => ({ ...node, zone: `zone-${i % 3}` }));
    const zoneOf = new Map(nodes.map((node) => [node.id, node.zone]));
    for (const owners of placed(nodes, undefined, 3)) {
      expect(new Set(owners.map((id) => zoneOf.get(id))).size).toBe(3);
    }
  });

  it('gives a node that outweighs all others one copy of each partition, and no more', () => {
    const nodes = [...nodesOf(3), { id: 'giant', weight: 50, zone: '' }];
    const placement = placed(nodes, undefined, 2);
    expect(placement.every((owners) => owners.includes('giant') && new Set(owners).size === 2)).toBe(true);
  });

  it('keeps owners distinct and loads within one of the share, whatever weights, zones and members come', () => {
    const member = fc.record({ weight: fc.integer({ min: 1, max: 5 }), zone: fc.constantFrom('', 'a', 'b') });
    const members = fc.array(member, { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(members, members, fc.integer({ min: 2, max: 3 }), (first, second, replicationFactor) => {
        let placement: Placement | undefined;
        for (const group of [first, second]) {
          const nodes = group.map((some, i) => ({ id: `n${i}`, ...some }));
          placement = placed(nodes, placement, replicationFactor, 64);
          const copies = Math.min(replicationFactor, nodes.length);
          for (const owners of placement) expect([owners.length, new Set(owners).size]).toEqual([copies, copies]);
          const loads = analyse(placement, nodes).nodes;
          const isCapped = loads.some((load) => load.share >= 64);
          if (!isCapped) expectBalanced(placement, nodes);
          if (!isCapped) expectPrimariesBalanced(placement, nodes);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('copes with 100 nodes at 2048 partitions', () => {
    const nodes = nodesOf(100);
    const placement = placed(nodes, undefined, 3, 2048);
    expectBalanced(placement, nodes);
    expectPrimariesBalanced(placement, nodes);
  });
});
