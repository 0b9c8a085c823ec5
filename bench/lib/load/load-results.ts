/** What a load has seen: a latency for each operation, and what went wrong. Only totals and asked windows leave it. */
const FIRST_SAMPLES = 1 << 20;
/** Some minutes at a hundred thousand operations a second; 12 bytes each. */
const MAX_SAMPLES = 1 << 25;

export interface LoadWindow {
  readonly operations: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly maxMs: number;
}

export interface LoadFailures {
  /** Operations that were answered with an error, were not sent or had no answer, by kind. */
  readonly failed: Readonly<Record<string, number>>;
  /** Values of another version than the one acknowledged last, and keys that were gone. */
  readonly wrong: number;
  readonly missing: number;
  /** The first few of both, in words. */
  readonly examples: readonly string[];
}

const MAX_EXAMPLES = 8;

export class LoadResults {
  private dueMs = new Float64Array(FIRST_SAMPLES);
  private latencyMs = new Float32Array(FIRST_SAMPLES);
  private count = 0;
  private wrong = 0;
  private missing = 0;
  private readonly failed = new Map<string, number>();
  private readonly examples: string[] = [];

  add(dueMs: number, latencyMs: number): void {
    if (this.count === this.dueMs.length) this.grow();
    this.dueMs[this.count] = dueMs;
    this.latencyMs[this.count++] = latencyMs;
  }

  fail(kind: string): void {
    this.failed.set(kind, (this.failed.get(kind) ?? 0) + 1);
  }

  addWrong(example: string): void {
    this.wrong++;
    this.note(example);
  }

  addMissing(example: string): void {
    this.missing++;
    this.note(example);
  }

  get failures(): LoadFailures {
    const { wrong, missing, examples } = this;
    return { failed: Object.fromEntries(this.failed), wrong, missing, examples };
  }

  /** Of the operations that were due from `fromMs` on and before `toMs`. Throws where there were none. */
  window(fromMs: number, toMs: number): LoadWindow {
    const times = this.latencyMs
      .subarray(0, this.count)
      .filter((_, i) => this.dueMs[i] >= fromMs && this.dueMs[i] < toMs)
      .sort();
    if (times.length === 0) throw new RangeError('no operation was due in that time');
    const at = (share: number): number => times[Math.max(Math.ceil(share * times.length) - 1, 0)];
    return { operations: times.length, p50Ms: at(0.5), p99Ms: at(0.99), p999Ms: at(0.999), maxMs: at(1) };
  }

  private note(example: string): void {
    if (this.examples.length < MAX_EXAMPLES) this.examples.push(example);
  }

  private grow(): void {
    const length = 2 * this.dueMs.length;
    if (length > MAX_SAMPLES) throw new RangeError(`more than ${MAX_SAMPLES} operations`);
    const { dueMs, latencyMs } = this;
    this.dueMs = new Float64Array(length);
    this.dueMs.set(dueMs);
    this.latencyMs = new Float32Array(length);
    this.latencyMs.set(latencyMs);
  }
}
