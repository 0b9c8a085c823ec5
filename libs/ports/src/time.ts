/** Wall-clock and monotonic time. A batch reads it once; nothing on the hot path reads it per operation. */
export interface Clock {
  /** Milliseconds since the Unix epoch; may jump. */
  wallMs(): number;
  /** Milliseconds since some start, with fractions; never goes back. */
  monotonicMs(): number;
}

export interface TimerHandle {
  cancel(): void;
}

export interface Timers {
  after(delayMs: number, callback: () => void): TimerHandle;
  every(intervalMs: number, callback: () => void): TimerHandle;
  /** Runs after all input that is ready in this event-loop turn has been handled: the point where batches are sent. */
  endOfTurn(callback: () => void): void;
}
