import type { Clock, TimerHandle, Timers } from '#libs/ports';

interface Alarm {
  atMs: number;
  readonly order: number;
  readonly run: () => void;
}

/** A clock and timers that move when a test says so. */
export class ManualTime implements Clock, Timers {
  /** Added to the wall clock alone: it may jump. */
  wallOffsetMs = 0;
  /** Called after each timer, so that what it started is carried out before time goes on. */
  afterEach: () => void = () => this.runTurn();
  private nowMs = 1000;
  private alarms: Alarm[] = [];
  private turn: (() => void)[] = [];
  private order = 0;

  wallMs(): number {
    return 1_700_000_000_000 + this.nowMs + this.wallOffsetMs;
  }

  monotonicMs(): number {
    return this.nowMs;
  }

  after(delayMs: number, callback: () => void): TimerHandle {
    const alarm: Alarm = { atMs: this.nowMs + delayMs, order: this.order++, run: callback };
    this.alarms.push(alarm);
    return { cancel: () => this.remove(alarm) };
  }

  every(intervalMs: number, callback: () => void): TimerHandle {
    let isCancelled = false;
    let handle: TimerHandle | undefined;
    const arm = (): void => {
      if (isCancelled) return;
      handle = this.after(intervalMs, () => {
        arm();
        callback();
      });
    };
    arm();
    return {
      cancel: () => {
        isCancelled = true;
        handle?.cancel();
      },
    };
  }

  endOfTurn(callback: () => void): void {
    this.turn.push(callback);
  }

  get pendingTimers(): number {
    return this.alarms.length;
  }

  /** Ends the turn; false where nothing waited for its end. */
  runTurn(): boolean {
    const callbacks = this.turn.splice(0);
    for (const callback of callbacks) callback();
    return callbacks.length > 0;
  }

  /** Runs everything that is due until then, in order. */
  advance(ms: number): void {
    const endMs = this.nowMs + ms;
    this.afterEach();
    for (;;) {
      const next = this.nextAlarm();
      if (next === undefined || next.atMs > endMs) break;
      this.remove(next);
      this.nowMs = Math.max(this.nowMs, next.atMs);
      next.run();
      this.afterEach();
    }
    this.nowMs = endMs;
  }

  /** Time passes and no timer runs, as where the process was stopped: they run late, by the next {@link advance}. */
  freeze(ms: number): void {
    this.nowMs += ms;
  }

  private nextAlarm(): Alarm | undefined {
    return this.alarms.toSorted((a, b) => a.atMs - b.atMs || a.order - b.order).at(0);
  }

  private remove(alarm: Alarm): void {
    this.alarms = this.alarms.filter((other) => other !== alarm);
  }
}
