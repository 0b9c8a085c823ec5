/**
 * Looks for a short history that breaks the same promise: takes steps out of the plan, first many at a time, then single ones
 * (delta debugging: Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", 2002), then machines, bad
 * weather and waiting times.
 */
import { CALM } from './raft-world.js';
import type { LifePlan, LifeStep } from './life-plan.js';
import type { LifeResult } from './life.js';

/** Lives that one search may cost. */
const MOST_LIVES = 400;
/** Longer waiting times are cut down to this. */
const SHORT_GAP_MS = 60;
const ROUNDS = 2;

export interface Shrunk {
  readonly plan: LifePlan;
  readonly result: LifeResult;
  /** Lives that it took. */
  readonly lives: number;
}

export function shrink(plan: LifePlan, result: LifeResult, live: (plan: LifePlan) => LifeResult): Shrunk {
  return new Search(plan, result, live).run();
}

/** What kind of promise was broken, whoever broke it and when. */
export function kindOf(problem: string | undefined): string | undefined {
  return problem?.replace(/\d+/g, '#');
}

class Search {
  private lives = 0;
  private readonly kind: string | undefined;

  constructor(
    private plan: LifePlan,
    private result: LifeResult,
    private readonly live: (plan: LifePlan) => LifeResult,
  ) {
    this.kind = kindOf(result.problem);
  }

  run(): Shrunk {
    this.cutAfter();
    for (let round = 0; round < ROUNDS; round++) {
      this.dropSteps();
      this.dropMachines();
      this.calmWeather();
      this.hurry();
    }
    return { plan: this.plan, result: this.result, lives: this.lives };
  }

  /** True where the promise is broken still; then the candidate is what to go on from. */
  private isEnough(candidate: LifePlan): boolean {
    if (this.lives >= MOST_LIVES) return false;
    this.lives++;
    const result = this.live(candidate);
    if (result.problem === undefined || kindOf(result.problem) !== this.kind) return false;
    this.plan = candidate;
    this.result = result;
    this.cutAfter();
    return true;
  }

  /** Nothing that came after the end had a part in it. */
  private cutAfter(): void {
    const steps = this.plan.steps.filter(({ atMs }) => atMs <= this.result.atMs);
    this.plan = { ...this.plan, steps };
  }

  private dropSteps(): void {
    let size = Math.ceil(this.plan.steps.length / 2);
    while (size >= 1) {
      let isShorter = false;
      for (let at = 0; at < this.plan.steps.length;) {
        const { steps } = this.plan;
        const rest = [...steps.slice(0, at), ...steps.slice(at + size)];
        if (this.isEnough({ ...this.plan, steps: rest })) isShorter = true;
        else at += size;
      }
      if (size === 1 && !isShorter) return;
      size = size === 1 ? 1 : Math.ceil(size / 2);
      if (this.lives >= MOST_LIVES) return;
    }
  }

  private dropMachines(): void {
    for (let machines = 3; machines < this.plan.machines; machines++) {
      if (this.isEnough({ ...this.plan, machines, founders: Math.min(this.plan.founders, machines) })) break;
    }
    for (let founders = 3; founders < this.plan.founders; founders++) {
      if (this.isEnough({ ...this.plan, founders })) break;
    }
  }

  private calmWeather(): void {
    for (const key of ['drop', 'double', 'late', 'diskMs'] as const) {
      const calm = (step: LifeStep): LifeStep =>
        step.kind === 'weather' ? { ...step, weather: { ...step.weather, [key]: CALM[key] } } : step;
      const isCalm = this.plan.steps.every((step) => step.kind !== 'weather' || step.weather[key] === CALM[key]);
      if (!isCalm) this.isEnough({ ...this.plan, steps: this.plan.steps.map(calm) });
    }
  }

  /** Brings later steps nearer. */
  private hurry(): void {
    for (let at = 0; at < this.plan.steps.length; at++) {
      const { steps } = this.plan;
      const gapMs = steps[at].atMs - (steps[at - 1]?.atMs ?? 0);
      if (gapMs <= SHORT_GAP_MS) continue;
      for (const savedMs of [gapMs - SHORT_GAP_MS, gapMs / 2]) {
        const moved = steps.map((step, i) => (i < at ? step : { ...step, atMs: Math.round(step.atMs - savedMs) }));
        if (this.isEnough({ ...this.plan, steps: moved })) break;
      }
    }
  }
}
