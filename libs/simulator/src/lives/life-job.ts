/** One life as a job that any thread can do. */
import type { LifeRecord } from './life-results.js';
import type { AnyPlan, LifeSuite } from './life-suite.js';

export interface LifeKind {
  readonly suite: string;
  readonly seconds: number;
  /** Empty for healthy lives. */
  readonly mutant: string;
}

export function doLife<P extends AnyPlan>(
  suite: LifeSuite<P>,
  seed: number,
  { seconds, mutant }: LifeKind,
): LifeRecord {
  const startedMs = performance.now();
  const result = suite.live(suite.draw(seed, seconds), mutant);
  const wallMs = Math.round(performance.now() - startedMs);
  return { ...result, version: suite.version, seconds, mutant, wallMs };
}
