/** The clock and the timers of one process over the virtual time. The wall clock may be wrong, jump and drift. */
import type { Clock, TimerHandle, Timers } from '#libs/ports';
import type { EventQueue } from './event-queue.js';
import type { SimProcess } from './sim-process.js';

/** Wall-clock time at the start of every run: 2026-01-01T00:00:00Z. */
export const SIMULATION_EPOCH_MS = 1_767_225_600_000;

export class SimClock implements Clock {
  /** What the wall clock is off by; may be changed at any time. */
  wallOffsetMs = 0;

  constructor(
    private readonly queue: EventQueue,
    /** As monotonic clocks begin anywhere. */
    private readonly monotonicStartMs = 0,
  ) {}

  wallMs(): number {
    return SIMULATION_EPOCH_MS + this.queue.nowMs + this.wallOffsetMs;
  }

  monotonicMs(): number {
    return this.monotonicStartMs + this.queue.nowMs;
  }
}

export class SimTimers implements Timers {
  constructor(private readonly process: SimProcess) {}

  after(delayMs: number, callback: () => void): TimerHandle {
    return this.process.after(delayMs, callback);
  }

  every(intervalMs: number, callback: () => void): TimerHandle {
    let isCancelled = false;
    const arm = (): TimerHandle =>
      this.process.after(intervalMs, () => {
        timer = arm();
        callback();
      });
    let timer = arm();
    return {
      cancel: () => {
        if (isCancelled) return;
        isCancelled = true;
        timer.cancel();
      },
    };
  }

  endOfTurn(callback: () => void): void {
    this.process.endOfTurn(callback);
  }
}
