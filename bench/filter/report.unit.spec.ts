import type { CostRound } from './measure-cost.js';
import type { RateMeasurement } from './measure-rate.js';
import { costText, missedDemands, rateText, summarizeCosts } from './report.js';

const RATE: RateMeasurement = {
  configuredRate: 0.01,
  measuredRate: 0.0099,
  estimatedRate: 0.01,
  probes: 1_000_000,
  bitsPerKey: 11,
  fingerprintBits: 8.4,
  loadFactor: 0.785,
  buildNsPerKey: 150,
  longestStepMs: 0.4,
};

function roundsOf(missNs: readonly number[], hitNs: readonly number[]): CostRound[] {
  const roundOf = (phase: CostRound['phase'], on: number): CostRound => ({
    phase,
    ns: { plain: 100, off: 101, on, always: 130 },
  });
  const [misses, hits] = [missNs.map((ns) => roundOf('miss', ns)), hitNs.map((ns) => roundOf('hit', ns))];
  return [...misses, roundOf('mixed', 500), ...hits];
}

describe('the report of the filter suite', () => {
  it('takes the medians of the ratios of each round', () => {
    const [miss, mixed, hit] = summarizeCosts(roundsOf([60, 500, 70], [104, 106, 105]));
    expect(miss).toMatchObject({ phase: 'miss', plainNs: 100, off: 1.01, on: 0.7, onQuartiles: [0.6, 5] });
    expect(hit).toMatchObject({ phase: 'hit', on: 1.05, always: 1.3 });
    expect(costText([miss, mixed, hit])).toContain('0.700×');
  });

  it('names what is demanded and missed', () => {
    const costs = summarizeCosts(roundsOf([102], [111]));
    const rates = [RATE, { ...RATE, measuredRate: 0.0111 }, { ...RATE, measuredRate: 0.0089 }];
    expect(missedDemands([RATE], summarizeCosts(roundsOf([101], [109])))).toEqual([]);
    expect(missedDemands(rates, costs)).toEqual([
      'rate 0.01: 1.110× of it measured, allowed is 1 ± 0.1',
      'rate 0.01: 0.890× of it measured, allowed is 1 ± 0.1',
      'miss: 1.020× with the filter, allowed is 1.015×',
      'hit: 1.110× with the filter, allowed is 1.100×',
    ]);
    expect(rateText(rates)).toContain('0.890×');
  });
});
