/** What is printed of lives: how fast they go, what was found, and the shortest history of it. */
import type { LifeKind } from './life-job.js';
import type { LifeRecord } from './life-results.js';
import type { AnyPlan, LifeSuite } from './life-suite.js';
import { shrink } from './shrink.js';

/** A history is printed up to so many lines, the last ones; the file has all. */
const PRINTED_LINES = 150;

export class LifeTotals {
  lives = 0;
  failed = 0;
  simulatedMs = 0;
  private readonly sums = new Map<string, number>();

  /** `counts`: what is counted in results, and what it is called. */
  constructor(private readonly counts: Readonly<Record<string, string>>) {}

  add(record: LifeRecord): void {
    this.lives++;
    if (record.problem !== undefined) this.failed++;
    this.simulatedMs += record.atMs;
    for (const key of Object.keys(this.counts)) {
      this.sums.set(key, (this.sums.get(key) ?? 0) + Number(Reflect.get(record, key) ?? 0));
    }
  }

  progress(all: number, elapsedMs: number): string {
    return `${this.lives} of ${all} lives, ${this.failed} failed, ${this.pace(elapsedMs)}`;
  }

  summary(elapsedMs: number): string {
    const what = Object.entries(this.counts).map(([key, name]) => `${this.sums.get(key) ?? 0} ${name}`);
    const verdict = this.failed === 0 ? 'nothing found' : `${this.failed} failed`;
    return `${this.lives} lives, ${verdict}; ${what.join(', ')}; ${this.pace(elapsedMs)}`;
  }

  private pace(elapsedMs: number): string {
    const simulated = (this.simulatedMs / 1000).toFixed(0);
    const speed = (this.simulatedMs / Math.max(1, elapsedMs)).toFixed(0);
    return `${simulated} simulated s in ${(elapsedMs / 1000).toFixed(1)} s: ${speed} x real time`;
  }
}

/** Everything that happens in a life, a line each. */
export function transcriptOf<P extends AnyPlan>(suite: LifeSuite<P>, plan: P, mutant: string): readonly string[] {
  const lines: string[] = [];
  suite.live(plan, mutant, (line) => lines.push(line));
  return lines;
}

export interface FailureReport {
  readonly printed: string;
  readonly history: string;
}

/** Looks for a short history of what was found. */
export function reportFailure<P extends AnyPlan>(
  suite: LifeSuite<P>,
  record: LifeRecord,
  { seconds, mutant }: Pick<LifeKind, 'seconds' | 'mutant'>,
): FailureReport {
  const drawn = suite.draw(record.seed, seconds);
  const { plan, lives, result } = shrink(suite, drawn, record, (candidate) => suite.live(candidate, mutant));
  const transcript = transcriptOf(suite, plan, mutant);
  const duration = seconds === suite.defaultSeconds ? '' : ` --seconds ${seconds}`;
  const flags = `${duration}${mutant === '' ? '' : ` --mutant ${mutant}`}`;
  const found = `${plan.steps.length} of ${drawn.steps.length} steps, ${suite.sizeOf(plan)}`;
  const head = [
    `FAILED seed ${record.seed} at ${record.atMs.toFixed(1)} ms: ${record.problem}`,
    `  shortest history found: ${found}, ${result.atMs.toFixed(1)} ms (${lives} lives tried)`,
    ...plan.steps.map(({ atMs, kind, ...rest }) => `  ${String(atMs).padStart(9)} ms  ${kind} ${JSON.stringify(rest)}`),
    '  what happens in it (ms, from -> to, message):',
  ];
  const left = transcript.length - PRINTED_LINES;
  const shown = left > 0 ? [`(${left} lines before these)`, ...transcript.slice(left)] : transcript;
  const replay = `replay of the whole life: npm run sim -- --suite ${suite.name} --seed ${record.seed} --trace${flags}`;
  return {
    printed: [...head, ...shown.map((line) => `  ${line}`), replay].join('\n'),
    history: [...head, ...transcript, replay, ''].join('\n'),
  };
}
