/** One life as a job that any thread can do. */
import { drawPlan, type LifePlan } from './life-plan.js';
import { LIVES_VERSION, type LifeRecord } from './life-results.js';
import { runLife, type LifeResult } from './life.js';
import { HEALTHY, RAFT_MUTANTS, type Mutation } from './mutants.js';

export interface LifeKind {
  readonly seconds: number;
  /** Empty for healthy members. */
  readonly mutant: string;
}

export function mutationOf(name: string): Mutation {
  return RAFT_MUTANTS.find((mutant) => mutant.name === name) ?? HEALTHY;
}

export function doLife(seed: number, { seconds, mutant }: LifeKind): LifeRecord {
  const startedMs = performance.now();
  const result = livePlan(drawPlan(seed, seconds), mutant);
  return { ...result, version: LIVES_VERSION, seconds, mutant, wallMs: Math.round(performance.now() - startedMs) };
}

export function livePlan(plan: LifePlan, mutant: string, tell?: (line: string) => void): LifeResult {
  return runLife(plan, { mutation: mutationOf(mutant), ...(tell !== undefined && { tell }) });
}
