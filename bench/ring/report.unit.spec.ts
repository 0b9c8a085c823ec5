import { measureBytesPerNode, measureKeySpread } from './evenness.js';
import { type Figures, reportText, verdictsOf } from './report.js';

const GOOD: Figures = {
  evenness: { furthestFromShare: 0.99, movesRatio: 1.25 },
  keySpread: { loadFactor: 1.07, standardDeviation: 88.6, movedByJoin: 0.243, movedByLeave: 0.2 },
  bytesPerNode: 4096,
  rates: {
    lookUps: 4.3e6,
    replicaLookUps: 7.3e6,
    slowLookUpNs: 999,
    changes: 26_000,
    changesAmong100: 1,
    changesHashed: 1,
    placementMs: 1000,
  },
};

const missedIn = (figures: Figures): string[] =>
  verdictsOf(figures)
    .filter(({ isMet }) => !isMet)
    .map(({ name }) => name);

describe('the report of the ring suite', () => {
  it('passes figures at their limits', () => {
    expect(missedIn(GOOD)).toEqual([]);
    expect(reportText(verdictsOf(GOOD)).match(/PASS/g)).toHaveLength(11);
  });

  it('names what is missed', () => {
    const figures: Figures = {
      evenness: { furthestFromShare: 1, movesRatio: 1.26 },
      keySpread: { loadFactor: 1.08, standardDeviation: 89, movedByJoin: 0.25, movedByLeave: 0.25 },
      bytesPerNode: 4097,
      rates: { ...GOOD.rates, lookUps: 4e6, replicaLookUps: 7e6, slowLookUpNs: 1000, changes: 25_000 },
    };
    expect(missedIn(figures)).toHaveLength(11);
    expect(reportText(verdictsOf(figures))).toMatch(/nodes added or removed, 5 on the ring +25 k\/s +≥ 26 k\/s +FAIL/);
  });

  it('has figures that belong to no machine', () => {
    const spread = measureKeySpread(10_000);
    expect(missedIn({ ...GOOD, keySpread: spread, bytesPerNode: measureBytesPerNode() })).toEqual([]);
    expect(spread.movedByJoin).toBeGreaterThan(0.1);
    expect(spread.movedByLeave).toBeGreaterThan(0.1);
  });
});
