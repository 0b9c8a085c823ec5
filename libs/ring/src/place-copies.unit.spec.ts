import { analyse, movedCopies } from './analyse.js';
import { place, type Placement, type PlacementNode } from './place.js';
import { expectBalanced, expectPrimariesBalanced, expectSpread, nodesOf } from './placement.support.spec.js';

const FACTORS = [1, 2, 3];
const COUNTS = Array.from({ length: 14 }, (_, i) => i + 1);

interface Case {
  readonly nodes: readonly PlacementNode[];
  readonly replicationFactor: number;
  readonly partitionCount: number;
}

/** Places, and looks at everything that a placement promises. */
function placedWell({ nodes, replicationFactor, partitionCount }: Case, previous?: Placement): Placement {
  const placement = place({ partitionCount, nodes, replicationFactor, ...(previous && { previous }) });
  expectSpread(placement, nodes, replicationFactor);
  expectBalanced(placement, nodes);
  expectPrimariesBalanced(placement, nodes);
  return placement;
}

/** A join moves what the newcomer gets, a leave what the leaver had; a quarter more is allowed. */
function expectFewMoves(before: Placement, after: Placement, node: string): void {
  const countIn = (placement: Placement): number => placement.filter((owners) => owners.includes(node)).length;
  const fewest = Math.abs(countIn(before) - countIn(after));
  expect(movedCopies(before, after)).toBeGreaterThanOrEqual(fewest);
  expect(movedCopies(before, after)).toBeLessThanOrEqual(fewest * 1.25);
}

/** One node joins, and another leaves. */
function liveThrough(life: Case, newcomer: PlacementNode): void {
  const before = placedWell(life);
  const joined = placedWell({ ...life, nodes: [...life.nodes, newcomer] }, before);
  if (life.nodes.length >= life.replicationFactor) expectFewMoves(before, joined, newcomer.id);
  const left = placedWell({ ...life, nodes: [...life.nodes.slice(1), newcomer] }, joined);
  if (life.nodes.length >= life.replicationFactor) expectFewMoves(joined, left, life.nodes[0].id);
}

describe('placement of copies', () => {
  it.each(COUNTS)('loads %i nodes evenly at 256 partitions, with few moves as one joins and one leaves', (count) => {
    for (const replicationFactor of FACTORS) {
      const newcomer = { id: 'new', weight: 1, zone: '' };
      liveThrough({ nodes: nodesOf(count), replicationFactor, partitionCount: 256 }, newcomer);
    }
  });

  it.each([3, 6, 9, 12])('does so with %i nodes in three zones', (count) => {
    for (const replicationFactor of FACTORS) {
      const life = { nodes: nodesOf(count, 1, 3), replicationFactor, partitionCount: 256 };
      // Another node of the zone of the one that leaves: other zones could not take over.
      liveThrough(life, { id: 'new', weight: 1, zone: 'zone-0' });
    }
  });

  it.each(FACTORS)('does so with 100 nodes at 2048 partitions, %i copies each', (replicationFactor) => {
    const newcomer = { id: 'new', weight: 1, zone: '' };
    liveThrough({ nodes: nodesOf(100), replicationFactor, partitionCount: 2048 }, newcomer);
    const zoned = { id: 'new', weight: 1, zone: 'zone-0' };
    liveThrough({ nodes: nodesOf(100, 1, 5), replicationFactor, partitionCount: 2048 }, zoned);
  });

  it('puts separate zones before even loads', () => {
    const nodes = [...nodesOf(4).map((node) => ({ ...node, zone: 'a' })), { id: 'lone', weight: 1, zone: 'b' }];
    const placement = placedWell({ nodes, replicationFactor: 2, partitionCount: 256 });
    expect(analyse(placement, nodes).nodes.map(({ partitions }) => partitions)).toEqual([64, 64, 64, 64, 256]);
  });

  it('has one more copy in some zones where there are fewer zones than copies', () => {
    const nodes = nodesOf(6, 1, 2);
    for (const owners of placedWell({ nodes, replicationFactor: 3, partitionCount: 256 })) {
      expect(new Set(owners.map((id) => nodes.find((node) => node.id === id)?.zone)).size).toBe(2);
    }
  });

  it('gives a node that outweighs all others one copy of each partition, and no more', () => {
    const nodes = [...nodesOf(3), { id: 'giant', weight: 50, zone: '' }];
    const placement = place({ partitionCount: 256, nodes, replicationFactor: 2 });
    expect(placement.every((owners) => owners.includes('giant') && new Set(owners).size === 2)).toBe(true);
    expectBalanced(placement, nodes);
  });

  it('empties a drained node, and lowers the number of copies where too few nodes are left', () => {
    const nodes = nodesOf(3);
    const before = placedWell({ nodes, replicationFactor: 3, partitionCount: 256 });
    const drained = [...nodes.slice(0, 2), { ...nodes[2], weight: 0 }];
    const after = placedWell({ nodes: drained, replicationFactor: 3, partitionCount: 256 }, before);
    expect(movedCopies(before, after)).toBe(0);
    expect(after.every((owners) => owners.length === 2)).toBe(true);
  });

  it('adds copies, and takes them away, without moving the others', () => {
    const nodes = nodesOf(5);
    const life = (replicationFactor: number): Case => ({ nodes, replicationFactor, partitionCount: 256 });
    const single = placedWell(life(1));
    const triple = placedWell(life(3), single);
    expect(movedCopies(single, triple)).toBe(512);
    const again = placedWell(life(1), triple);
    expect(movedCopies(triple, again)).toBe(0);
  });
});
