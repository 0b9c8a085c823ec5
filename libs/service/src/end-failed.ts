import type { Timers } from '#libs/ports';

/** Long enough for a look at /readyz, which says so from now on. */
const END_AFTER_MS = 1_000;

/** Ends this process as a defect would, with a log line that says why and exit code 1: whoever runs it starts it again. */
export function endFailed(error: Error, timers: Timers): void {
  timers.after(END_AFTER_MS, () => {
    throw error;
  });
}
