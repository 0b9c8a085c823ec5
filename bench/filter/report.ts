/** What the filter suite demands, and how it prints what it found. */
import { median, percentile } from '../lib/statistics.js';
import { formatFixed, formatPercent, formatRatio, formatTable, left, right } from '../lib/table.js';
import { type CostRound, type ModeName, type PhaseName, PHASE_NAMES } from './measure-cost.js';
import type { RateMeasurement } from './measure-rate.js';

/** How far the measured rate may be from the configured one, as a share of it. */
export const RATE_TOLERANCE = 0.1;
/** Time of a look-up with the filter switched on, in times of one without a filter; nothing is demanded of a mixture. */
export const MAX_COST: Readonly<Record<PhaseName, number>> = { miss: 1.015, mixed: Number.POSITIVE_INFINITY, hit: 1.1 };

export interface CostSummary {
  readonly phase: PhaseName;
  readonly plainNs: number;
  /** Medians of the rounds' ratios to the look-up without a filter, and the quarters of the rounds around one of them. */
  readonly off: number;
  readonly on: number;
  readonly onQuartiles: readonly [number, number];
  readonly always: number;
}

export function summarizeCosts(rounds: readonly CostRound[]): readonly CostSummary[] {
  return PHASE_NAMES.map((phase) => {
    const own = rounds.filter((round) => round.phase === phase);
    const ratios = (mode: ModeName): number[] => own.map(({ ns }) => ns[mode] / ns.plain);
    const on = ratios('on');
    return {
      phase,
      plainNs: median(own.map(({ ns }) => ns.plain)),
      off: median(ratios('off')),
      on: median(on),
      onQuartiles: [percentile(on, 25), percentile(on, 75)] as const,
      always: median(ratios('always')),
    };
  });
}

/** One sentence for each demand that is missed. */
export function missedDemands(rates: readonly RateMeasurement[], costs: readonly CostSummary[]): readonly string[] {
  const rateFaults = rates
    .filter(({ measuredRate, configuredRate }) => Math.abs(measuredRate / configuredRate - 1) > RATE_TOLERANCE)
    .map(
      ({ measuredRate, configuredRate }) =>
        `rate ${configuredRate}: ${formatRatio(measuredRate / configuredRate)} of it measured, allowed is 1 ± ${RATE_TOLERANCE}`,
    );
  const costFaults = costs
    .filter(({ phase, on }) => on > MAX_COST[phase])
    .map(({ phase, on }) => `${phase}: ${formatRatio(on)} with the filter, allowed is ${formatRatio(MAX_COST[phase])}`);
  return [...rateFaults, ...costFaults];
}

/** `step` is the longest one of those that built the filter. */
export function rateText(rates: readonly RateMeasurement[]): string {
  const columns = [
    'measured',
    'of it',
    'expected',
    'probes (M)',
    'bits/slot',
    'load',
    'bits/key',
    'build ns/key',
    'step (ms)',
  ];
  const rows = rates.map((one) => [
    formatPercent(one.configuredRate, 2),
    formatPercent(one.measuredRate, 4),
    formatRatio(one.measuredRate / one.configuredRate),
    formatRatio(one.estimatedRate / one.configuredRate),
    formatFixed(one.probes / 1e6, 1),
    formatFixed(one.fingerprintBits, 2),
    formatFixed(one.loadFactor, 3),
    formatFixed(one.bitsPerKey, 2),
    formatFixed(one.buildNsPerKey, 0),
    formatFixed(one.longestStepMs, 1),
  ]);
  return `False positives\n\n${formatTable([left('configured'), ...columns.map(right)], rows)}`;
}

export function costText(costs: readonly CostSummary[]): string {
  const columns = ['without (ns)', 'switched off', 'switched on', 'quartiles', 'allowed', 'asked always'];
  const rows = costs.map(({ phase, plainNs, off, on, onQuartiles, always }) => [
    phase,
    formatFixed(plainNs, 0),
    formatRatio(off),
    formatRatio(on),
    onQuartiles.map((value) => value.toFixed(3)).join('–'),
    Number.isFinite(MAX_COST[phase]) ? formatRatio(MAX_COST[phase]) : '',
    formatRatio(always),
  ]);
  const title = 'Time of a look-up, in times of one without a filter (medians of paired rounds)';
  return `${title}\n\n${formatTable([left('look-ups'), ...columns.map(right)], rows)}`;
}
