import type { LifePlan, LifeStep } from './life-plan.js';
import { drawPlan } from './life-plan.js';
import { runLife, type LifeResult } from './life.js';
import { RAFT_MUTANTS } from './mutants.js';
import { kindOf, shrink } from '../lives/shrink.js';
import { RAFT_SUITE } from './raft-suite.js';

const RESULT = { seed: 1, committed: 0, reads: 0, terms: 0, snapshots: 0, rejoined: 0 };
const compact = (atMs: number, machine: number): LifeStep => ({ atMs, kind: 'compact', machine, keep: 0 });

/** Fails at the last of some steps, where all are there. */
function failingAt(...machines: readonly number[]): (plan: LifePlan) => LifeResult {
  return ({ steps }) => {
    const found = machines.map((machine) => steps.find((step) => step.kind === 'compact' && step.machine === machine));
    const atMs = Math.max(...found.map((step) => step?.atMs ?? Infinity));
    return atMs === Infinity
      ? { ...RESULT, problem: undefined, atMs: 1e6 }
      : { ...RESULT, problem: `broken at ${atMs}`, atMs };
  };
}

describe('shrinking', () => {
  const steps = Array.from({ length: 300 }, (_, i) => compact(i * 100, i));
  const plan: LifePlan = { seed: 1, founders: 5, machines: 6, oneByOne: false, steps };

  it('leaves the steps that matter, close together, on as few machines as do', () => {
    const live = failingAt(17, 120, 263);
    const { plan: short, result, lives } = shrink(RAFT_SUITE, plan, live(plan), live);
    expect(short.steps.map((step) => step.kind === 'compact' && step.machine)).toEqual([17, 120, 263]);
    expect(short).toMatchObject({ machines: 3, founders: 3 });
    expect(result.atMs).toBeLessThanOrEqual(3 * 60);
    expect(lives).toBeLessThanOrEqual(400);
  });

  it('does not take another broken promise for the same', () => {
    const live = (candidate: LifePlan): LifeResult =>
      candidate.steps.length < 300
        ? { ...RESULT, problem: 'another', atMs: 29_900 }
        : { ...RESULT, problem: 'broken', atMs: 29_900 };
    expect(shrink(RAFT_SUITE, plan, live(plan), live).plan.steps).toHaveLength(300);
    expect(kindOf('1: entry 5 of term 3')).toBe(kindOf('12: entry 7 of term 11'));
  });

  it('gives up after a bounded number of lives', () => {
    let lives = 0;
    const live = (candidate: LifePlan): LifeResult => {
      lives++;
      return { ...RESULT, problem: candidate.steps.length % 2 === 0 ? 'broken' : undefined, atMs: 1e9 };
    };
    shrink(RAFT_SUITE, { ...plan, steps: Array.from({ length: 1_000 }, (_, i) => compact(i, i)) }, live(plan), live);
    expect(lives).toBeLessThanOrEqual(401);
  });

  it('finds a short history of a real failure', () => {
    const mutant = RAFT_MUTANTS.find(({ name }) => name === 'votes-for-shorter-log')!;
    const live = (candidate: LifePlan): LifeResult => runLife(candidate, { mutation: mutant });
    const drawn = drawPlan(2);
    const { plan: short, result } = shrink(RAFT_SUITE, drawn, live(drawn), live);
    expect(short.steps.length).toBeLessThan(drawn.steps.length / 20);
    expect(result.problem).toContain('leader completeness');
    expect(live(short)).toEqual(result);
  });
});
