import { analyse, movedCopies } from './analyse.js';

const nodes = [
  { id: 'a', weight: 1, zone: '' },
  { id: 'b', weight: 3, zone: '' },
];

describe('analysis of a placement', () => {
  it('compares loads with shares by weight', () => {
    const analysis = analyse([['a', 'b'], ['b'], ['b'], []], nodes);
    expect(analysis.nodes).toEqual([
      { id: 'a', partitions: 1, primaries: 1, share: 1, goal: 1, deviation: 0 },
      { id: 'b', partitions: 3, primaries: 2, share: 3, goal: 3, deviation: 0 },
    ]);
    expect(analysis).toMatchObject({ maxDeviation: 0, loadFactor: 1, standardDeviation: 0, unowned: 1 });
    const uneven = analyse([['a'], ['a'], ['a'], ['b']], nodes);
    expect(uneven).toMatchObject({ maxDeviation: 2, loadFactor: 3, standardDeviation: 2 });
  });

  it('copes with nothing', () => {
    expect(analyse([], [])).toEqual({ nodes: [], maxDeviation: 0, loadFactor: 0, standardDeviation: 0, unowned: 0 });
    expect(analyse([[]], nodes).nodes[0]).toMatchObject({ share: 0, deviation: 0 });
  });

  it('gives a drained node no share, and leaves strangers out', () => {
    const drained = [nodes[0], { ...nodes[1], weight: 0 }];
    expect(analyse([['a'], ['b'], ['gone'], ['b']], drained).nodes).toEqual([
      { id: 'a', partitions: 1, primaries: 1, share: 4, goal: 4, deviation: -0.75 },
      { id: 'b', partitions: 2, primaries: 2, share: 0, goal: 0, deviation: 0 },
    ]);
  });

  it('counts copies that have to be transferred, not changes of the primary', () => {
    expect(movedCopies([['a', 'b'], ['a']], [['b', 'a'], ['b']])).toBe(1);
  });
});
