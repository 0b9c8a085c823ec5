import type { DiskCallback, DiskError } from './disk.js';

export type DiskStep = (next: DiskCallback) => void;

/** One step after another; the first error ends it. */
export function inTurn(steps: readonly DiskStep[], done: (error: DiskError | undefined) => void, at = 0): void {
  const step = steps[at];
  if (step === undefined) return done(undefined);
  step((error) => {
    if (error !== undefined) done(error);
    else inTurn(steps, done, at + 1);
  });
}
