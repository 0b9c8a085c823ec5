/** From single runs to what is claimed: medians, ratios to redis-server in the same session, and whether they suffice. */
import { geometricMean, median, relativeSpread } from '../lib/statistics.js';
import { TESTS, type Run, type TestName } from './measure.js';
import type { TargetName } from './options.js';

/** Medians over the rounds. */
export interface Summary {
  readonly pipeline: number;
  readonly target: TargetName;
  readonly test: TestName;
  readonly opsPerSecond: number;
  /** How far the rounds lay apart, relative to their median. */
  readonly spread: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly cpuMicrosPerRequest: Readonly<Record<string, number>>;
}

/** Operations per second as a part of redis-server's. */
export interface Ratio {
  readonly pipeline: number;
  readonly target: TargetName;
  readonly set: number;
  readonly get: number;
  readonly geometricMean: number;
}

/** The least geometric mean of the ratios of SET and GET. */
interface Goal {
  readonly target: TargetName;
  readonly pipeline: number;
  readonly atLeast: number;
}

export interface Verdict extends Goal {
  readonly measured: number;
  readonly reached: boolean;
}

export const GOALS: readonly Goal[] = [
  { target: 'standalone', pipeline: 1, atLeast: 0.9 },
  { target: 'standalone', pipeline: 16, atLeast: 0.6 },
  { target: 'cluster', pipeline: 1, atLeast: 0.6 },
  { target: 'cluster', pipeline: 16, atLeast: 0.4 },
];

/** Groups keep the order in which their first run was made. */
function groupsOf(runs: readonly Run[]): readonly (readonly Run[])[] {
  return [...Map.groupBy(runs, ({ pipeline, target, test }) => `${pipeline} ${target} ${test}`).values()];
}

function summaryOf(group: readonly Run[]): Summary {
  const { pipeline, target, test } = group[0];
  const rates = group.map((run) => run.opsPerSecond);
  const members = Object.keys(group[0].cpuMicrosPerRequest);
  const cpu = members.map((name) => [name, median(group.map((run) => run.cpuMicrosPerRequest[name]))] as const);
  return {
    pipeline,
    target,
    test,
    opsPerSecond: median(rates),
    spread: relativeSpread(rates),
    p50Ms: median(group.map((run) => run.p50Ms)),
    p99Ms: median(group.map((run) => run.p99Ms)),
    cpuMicrosPerRequest: Object.fromEntries(cpu),
  };
}

export const summarize = (runs: readonly Run[]): readonly Summary[] => groupsOf(runs).map(summaryOf);

/** Empty without redis-server among the targets. */
export function ratiosOf(summaries: readonly Summary[]): readonly Ratio[] {
  const rate = (pipeline: number, target: TargetName, test: TestName): number | undefined =>
    summaries.find((row) => row.pipeline === pipeline && row.target === target && row.test === test)?.opsPerSecond;
  const measured = summaries.filter(({ test, target }) => test === TESTS[0] && target !== 'redis');
  return measured.flatMap(({ pipeline, target }) => {
    const pairs = TESTS.map((test) => [rate(pipeline, target, test), rate(pipeline, 'redis', test)] as const);
    const ratios = pairs.flatMap(([own, redis]) => (own === undefined || redis === undefined ? [] : [own / redis]));
    if (ratios.length < TESTS.length) return [];
    const [set, get] = ratios;
    return [{ pipeline, target, set, get, geometricMean: geometricMean(ratios) }];
  });
}

/** Only of what was measured. */
export function verdictsOf(ratios: readonly Ratio[]): readonly Verdict[] {
  return GOALS.flatMap((goal) => {
    const ratio = ratios.find(({ pipeline, target }) => pipeline === goal.pipeline && target === goal.target);
    if (ratio === undefined) return [];
    const measured = ratio.geometricMean;
    return [{ ...goal, measured, reached: measured >= goal.atLeast }];
  });
}
