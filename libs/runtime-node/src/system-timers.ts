import { assert } from '#libs/kernel';
import type { TimerHandle, Timers } from '#libs/ports';

/** setTimeout's greatest delay; it takes anything longer for 1 ms. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/**
 * Timers of the event loop.
 *
 * Neither kind keeps a process alive: `every` is housekeeping, and `after` is mostly a deadline of something that
 * keeps the loop alive itself (a socket, a connection to NATS, a listener). So a process that has closed those ends
 * at once, instead of waiting for deadlines that nobody awaits.
 *
 * An interval does not catch up: where the loop was blocked over several periods, the callback runs once.
 */
export class SystemTimers implements Timers {
  private pending: (() => void)[] = [];
  private running: (() => void)[] = [];

  after(delayMs: number, callback: () => void): TimerHandle {
    return new TimeoutHandle(delayMs, callback);
  }

  every(intervalMs: number, callback: () => void): TimerHandle {
    assert(intervalMs >= 1 && intervalMs <= MAX_TIMEOUT_MS, `an interval of ${intervalMs} ms is out of range`);
    const interval = setInterval(callback, intervalMs);
    interval.unref();
    return { cancel: () => clearInterval(interval) };
  }

  /**
   * The check phase comes after all sockets that were ready have been read, so this is setImmediate: one for all
   * calls of a turn. What callbacks ask for here runs at the end of the next turn, so input is never starved.
   */
  endOfTurn(callback: () => void): void {
    if (this.pending.push(callback) === 1) setImmediate(this.runTurn);
  }

  private readonly runTurn = (): void => {
    const callbacks = this.pending;
    this.pending = this.running;
    this.running = callbacks;
    let done = 0;
    try {
      while (done < callbacks.length) callbacks[done++]();
    } finally {
      // A callback that threw must not take the others of its turn down with it.
      if (done < callbacks.length) {
        if (this.pending.length === 0) setImmediate(this.runTurn);
        this.pending.unshift(...callbacks.slice(done));
      }
      callbacks.length = 0;
    }
  };
}

/** One setTimeout, or as many after one another as a long delay needs. */
class TimeoutHandle implements TimerHandle {
  private timeout: NodeJS.Timeout;

  constructor(
    private remainingMs: number,
    private readonly callback: () => void,
  ) {
    this.timeout = this.arm();
  }

  cancel(): void {
    clearTimeout(this.timeout);
  }

  private arm(): NodeJS.Timeout {
    const delayMs = Math.min(this.remainingMs, MAX_TIMEOUT_MS);
    this.remainingMs -= delayMs;
    return setTimeout(this.expire, delayMs).unref();
  }

  private readonly expire = (): void => {
    if (this.remainingMs > 0) this.timeout = this.arm();
    else this.callback();
  };
}
