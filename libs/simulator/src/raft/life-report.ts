/** What is printed of lives: how fast they go, what was found, and the shortest history of it. */
import { drawPlan, type LifePlan } from './life-plan.js';
import { livePlan, type LifeKind } from './life-job.js';
import type { LifeRecord } from './life-results.js';
import { shrink } from './shrink.js';

/** A history is printed up to so many lines, the last ones; the file has all. */
const PRINTED_LINES = 150;

export class LifeTotals {
  lives = 0;
  failed = 0;
  simulatedMs = 0;
  committed = 0;
  reads = 0;
  terms = 0;
  rejoined = 0;

  add({ problem, atMs, committed, reads, terms, rejoined }: LifeRecord): void {
    this.lives++;
    if (problem !== undefined) this.failed++;
    this.simulatedMs += atMs;
    this.committed += committed;
    this.reads += reads;
    this.terms += terms;
    this.rejoined += rejoined;
  }

  progress(all: number, elapsedMs: number): string {
    return `${this.lives} of ${all} lives, ${this.failed} failed, ${this.pace(elapsedMs)}`;
  }

  summary(elapsedMs: number): string {
    const what = `${this.committed} entries committed, ${this.reads} reads, ${this.terms} terms, ${this.rejoined} disks lost`;
    const verdict = this.failed === 0 ? 'nothing found' : `${this.failed} failed`;
    return `${this.lives} lives, ${verdict}; ${what}; ${this.pace(elapsedMs)}`;
  }

  private pace(elapsedMs: number): string {
    const simulated = (this.simulatedMs / 1000).toFixed(0);
    const speed = (this.simulatedMs / Math.max(1, elapsedMs)).toFixed(0);
    return `${simulated} simulated s in ${(elapsedMs / 1000).toFixed(1)} s: ${speed} x real time`;
  }
}

/** Everything that happens in a life, a line each. */
export function transcriptOf(plan: LifePlan, mutant: string): readonly string[] {
  const lines: string[] = [];
  livePlan(plan, mutant, (line) => lines.push(line));
  return lines;
}

export interface FailureReport {
  readonly printed: string;
  readonly history: string;
}

/** Looks for a short history of what was found. */
export function reportFailure(record: LifeRecord, { seconds, mutant }: LifeKind): FailureReport {
  const drawn = drawPlan(record.seed, seconds);
  const { plan, lives, result } = shrink(drawn, record, (candidate) => livePlan(candidate, mutant));
  const transcript = transcriptOf(plan, mutant);
  const flags = `${seconds === 60 ? '' : ` --seconds ${seconds}`}${mutant === '' ? '' : ` --mutant ${mutant}`}`;
  const head = [
    `FAILED seed ${record.seed} at ${record.atMs.toFixed(1)} ms: ${record.problem}`,
    `  shortest history found: ${plan.steps.length} of ${drawn.steps.length} steps, ${plan.founders} founders on ${plan.machines} machines, ${result.atMs.toFixed(1)} ms (${lives} lives tried)`,
    ...plan.steps.map(({ atMs, kind, ...rest }) => `  ${String(atMs).padStart(9)} ms  ${kind} ${JSON.stringify(rest)}`),
    '  what happens in it (ms, from -> to, message):',
  ];
  const left = transcript.length - PRINTED_LINES;
  const shown = left > 0 ? [`(${left} lines before these)`, ...transcript.slice(left)] : transcript;
  const replay = `replay of the whole life: npm run sim -- --suite raft --seed ${record.seed} --trace${flags}`;
  return {
    printed: [...head, ...shown.map((line) => `  ${line}`), replay].join('\n'),
    history: [...head, ...transcript, replay, ''].join('\n'),
  };
}
