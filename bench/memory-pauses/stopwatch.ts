/**
 * Times of single operations, and which of them a garbage collection fell into. The collector's own report comes as a
 * performance entry, but only when the event loop turns: so slow operations are kept with their times until then.
 */
import { PerformanceObserver } from 'node:perf_hooks';

/** No collection is shorter; faster operations need not be compared with the collector's report. */
const SLOW_MS = 0.02;
/** Slow operations between two turns of the event loop; more would mean that everything is slow. */
const MAX_SLOW = 65_536;
/** Turns after which what the collector reported has arrived. */
const TURNS = 2;

interface Span {
  readonly startMs: number;
  readonly endMs: number;
}

export class Stopwatch {
  private readonly slow: (Span & { readonly index: number })[] = [];
  private readonly collections: Span[] = [];
  private readonly observer: PerformanceObserver;

  /** `times` are filled in microseconds; operations during a collection are negated. */
  constructor(private readonly times: Float32Array) {
    this.observer = new PerformanceObserver((list) => {
      for (const { startTime, duration } of list.getEntries()) {
        this.collections.push({ startMs: startTime, endMs: startTime + duration });
      }
    });
    this.observer.observe({ entryTypes: ['gc'] });
  }

  note(index: number, startMs: number, endMs: number): void {
    this.times[index] = 1000 * (endMs - startMs);
    if (endMs - startMs < SLOW_MS || this.slow.length === MAX_SLOW) return;
    this.slow.push({ index, startMs, endMs });
  }

  /** Lets the collector report, and marks what it explains. To be called every some thousand operations. */
  async settle(): Promise<void> {
    for (let i = 0; i < TURNS; i++) await new Promise((resolve) => setImmediate(resolve));
    for (const { index, startMs, endMs } of this.slow) {
      const isCollecting = this.collections.some((one) => one.startMs < endMs && one.endMs > startMs);
      if (isCollecting) this.times[index] *= -1;
    }
    this.slow.length = 0;
    this.collections.length = 0;
  }

  stop(): void {
    this.observer.disconnect();
  }
}
