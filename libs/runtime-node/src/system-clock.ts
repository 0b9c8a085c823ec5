import { performance } from 'node:perf_hooks';
import type { Clock } from '#libs/ports';

/** The machine's clocks: the wall clock follows NTP and may jump, the monotonic one counts from the process's start. */
export class SystemClock implements Clock {
  wallMs(): number {
    return Date.now();
  }

  monotonicMs(): number {
    return performance.now();
  }
}
