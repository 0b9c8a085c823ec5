import fc from 'fast-check';
import { movedCopies } from './analyse.js';
import { fewestMoves } from './fewest-moves.support.spec.js';
import { place, type Placement, type PlacementNode } from './place.js';
import { expectBalanced, expectPrimariesBalanced, expectSpread } from './placement.support.spec.js';

const PARTITIONS = 64;
/** Which shares are rounded up is settled before copies move: that may cost these beyond the fewest. */
const SLACK = 2;

const member = fc.record({ weight: fc.integer({ min: 0, max: 5 }), zone: fc.constantFrom('', 'a', 'b', 'c') });
/** A member comes, changes its weight and zone, or (undefined) goes. */
const step = fc.tuple(fc.integer({ min: 0, max: 9 }), fc.option(member, { nil: undefined }));
const life = fc.record({
  first: fc.array(member, { minLength: 1, maxLength: 10 }),
  steps: fc.array(step, { minLength: 1, maxLength: 6 }),
  replicationFactor: fc.integer({ min: 1, max: 3 }),
  isZoned: fc.boolean(),
});
type Member = { readonly weight: number; readonly zone: string };

const listOf = (members: ReadonlyMap<string, Member>, isZoned: boolean): PlacementNode[] =>
  [...members].map(([id, { weight, zone }]) => ({ id, weight, zone: isZoned ? zone : '' }));

const placed = (nodes: readonly PlacementNode[], replicationFactor: number, previous?: Placement): Placement =>
  place({ partitionCount: PARTITIONS, nodes, replicationFactor, ...(previous && { previous }) });

/** Whether no node and no zone is too small for what its weight asks for. */
const isByWeightAlone = (nodes: readonly PlacementNode[], copies: number): boolean => {
  const weight = nodes.reduce((sum, node) => sum + node.weight, 0);
  return nodes.every((node) => node.zone === nodes[0].zone && node.weight * copies <= weight);
};

it('a life of joins, leaves, drains and changes keeps copies spread, loads even and moves few', () => {
  fc.assert(
    fc.property(life, ({ first, steps, replicationFactor, isZoned }) => {
      const members = new Map<string, Member>(first.map((some, i) => [`n${i}`, some]));
      let placement = placed(listOf(members, isZoned), replicationFactor);
      for (const [number, change] of steps) {
        if (change === undefined) members.delete(`n${number}`);
        else members.set(`n${number}`, change);
        const nodes = listOf(members, isZoned);
        const next = placed(nodes, replicationFactor, placement);
        if (nodes.some(({ weight }) => weight > 0)) {
          expectSpread(next, nodes, replicationFactor);
          expectBalanced(next, nodes);
          if (isByWeightAlone(nodes, next[0].length)) expectPrimariesBalanced(next, nodes);
          const fewest = fewestMoves(placement, nodes, replicationFactor);
          expect(movedCopies(placement, next)).toBeLessThanOrEqual(Math.max(fewest * 1.25, fewest + SLACK));
        }
        expect(placed(nodes.toReversed(), replicationFactor, placement)).toEqual(next);
        expect(placed(nodes, replicationFactor, next)).toEqual(next);
        placement = next;
      }
    }),
    { numRuns: 30 },
  );
});
