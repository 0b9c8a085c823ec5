import type { Clock, Timers } from '#libs/ports';

/**
 * One turn of the event loop, from the first input until everything that is ready has been handled: what it collects is
 * sent at its end, and the clock is read once for all of it.
 */
export class Turn {
  /** Monotonic time of the turn's begin. */
  nowMs = 0;
  /** Wall-clock time of the turn's begin. */
  wallMs = 0;
  private isOpen = false;

  constructor(
    private readonly clock: Clock,
    private readonly timers: Timers,
    private readonly onEnd: () => void,
  ) {}

  open(): void {
    if (this.isOpen) return;
    this.isOpen = true;
    this.nowMs = this.clock.monotonicMs();
    this.wallMs = Math.floor(this.clock.wallMs());
    this.timers.endOfTurn(this.end);
  }

  private readonly end = (): void => {
    this.isOpen = false;
    this.onEnd();
  };
}
