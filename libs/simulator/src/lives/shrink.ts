/**
 * Looks for a short history that breaks the same promise: takes steps out of the plan, first many at a time, then single ones
 * (delta debugging: Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", 2002), then what
 * the kind of life knows to be simpler, and waiting times.
 */
import type { AnyPlan, AnyResult, LifeSuite } from './life-suite.js';

/** Longer waiting times are cut down to this. */
const SHORT_GAP_MS = 60;
const ROUNDS = 2;

export interface Shrunk<P> {
  readonly plan: P;
  readonly result: AnyResult;
  /** Lives that it took. */
  readonly lives: number;
}

export type Shrinkable<P extends AnyPlan> = Pick<LifeSuite<P>, 'simpler' | 'mostShrinkLives'>;

export function shrink<P extends AnyPlan>(
  suite: Shrinkable<P>,
  plan: P,
  result: AnyResult,
  live: (plan: P) => AnyResult,
): Shrunk<P> {
  return new Search(suite, plan, result, live).run();
}

/** What kind of promise was broken, whoever broke it and when. */
export function kindOf(problem: string | undefined): string | undefined {
  return problem?.replace(/\d+/g, '#');
}

class Search<P extends AnyPlan> {
  private lives = 0;
  private readonly kind: string | undefined;

  constructor(
    private readonly suite: Shrinkable<P>,
    private plan: P,
    private result: AnyResult,
    private readonly live: (plan: P) => AnyResult,
  ) {
    this.kind = kindOf(result.problem);
  }

  run(): Shrunk<P> {
    this.cutAfter();
    for (let round = 0; round < ROUNDS; round++) {
      this.dropSteps();
      for (const simplify of this.suite.simpler(this.plan)) {
        const candidate = simplify(this.plan);
        if (candidate !== undefined) this.isEnough(candidate);
      }
      this.hurry();
    }
    return { plan: this.plan, result: this.result, lives: this.lives };
  }

  /** True where the promise is broken still; then the candidate is what to go on from. */
  private isEnough(candidate: P): boolean {
    if (this.lives >= this.suite.mostShrinkLives) return false;
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
      if (this.lives >= this.suite.mostShrinkLives) return;
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
