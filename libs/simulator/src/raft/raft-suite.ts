/** Lives of Raft groups, as threads, results and the search for short histories want them. */
import type { LifeSuite } from '../lives/life-suite.js';
import { DEFAULT_SECONDS, drawPlan, LEAST_SECONDS, type LifePlan, type LifeStep } from './life-plan.js';
import { runLife } from './life.js';
import { HEALTHY, RAFT_MUTANTS, type Mutation } from './mutants.js';
import { CALM } from './raft-world.js';

const LEAST_MACHINES = 3;

export const RAFT_SUITE: LifeSuite<LifePlan> = {
  name: 'raft',
  tells: 'groups of Raft members over simulated networks, disks and clocks',
  version: 4,
  defaultSeconds: DEFAULT_SECONDS,
  leastSeconds: LEAST_SECONDS,
  mutants: RAFT_MUTANTS,
  mostShrinkLives: 400,
  counts: { committed: 'entries committed', reads: 'reads', terms: 'terms', rejoined: 'disks lost' },
  draw: (seed, seconds) => drawPlan(seed, seconds),
  live: (plan, mutant, tell) => runLife(plan, { mutation: mutationOf(mutant), ...(tell !== undefined && { tell }) }),
  sizeOf: ({ founders, machines }) => `${founders} founders on ${machines} machines`,
  simpler: ({ machines, founders }) => [
    ...fromLeast(machines).map((fewer) => (plan: LifePlan) => onMachines(plan, fewer)),
    ...fromLeast(founders).map((fewer) => (plan: LifePlan) => withFounders(plan, fewer)),
    ...(['drop', 'double', 'late', 'diskMs'] as const).map((key) => (plan: LifePlan) => calmer(plan, key)),
  ],
};

function mutationOf(name: string): Mutation {
  return RAFT_MUTANTS.find((mutant) => mutant.name === name) ?? HEALTHY;
}

function onMachines(plan: LifePlan, machines: number): LifePlan | undefined {
  return machines < plan.machines ? { ...plan, machines, founders: Math.min(plan.founders, machines) } : undefined;
}

function withFounders(plan: LifePlan, founders: number): LifePlan | undefined {
  return founders < plan.founders ? { ...plan, founders } : undefined;
}

function fromLeast(count: number): number[] {
  return Array.from({ length: Math.max(0, count - LEAST_MACHINES) }, (_, i) => LEAST_MACHINES + i);
}

function calmer(plan: LifePlan, key: keyof typeof CALM): LifePlan | undefined {
  const isCalm = plan.steps.every((step) => step.kind !== 'weather' || step.weather[key] === CALM[key]);
  if (isCalm) return undefined;
  const calm = (step: LifeStep): LifeStep =>
    step.kind === 'weather' ? { ...step, weather: { ...step.weather, [key]: CALM[key] } } : step;
  return { ...plan, steps: plan.steps.map(calm) };
}
