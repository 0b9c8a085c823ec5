import type { Timers } from '#libs/ports';

/**
 * A function that asks for an action: at the end of the turn, or once `restMs` have passed since the action was done last.
 * What is asked for meanwhile counts as one.
 */
export function atMostEvery(restMs: number, timers: Timers, action: () => void): () => void {
  let isAsked = false;
  let isResting = false;
  const act = (): void => {
    isAsked = false;
    isResting = true;
    timers.after(restMs, () => {
      isResting = false;
      if (isAsked) act();
    });
    action();
  };
  return () => {
    if (isAsked) return;
    isAsked = true;
    if (!isResting) timers.endOfTurn(act);
  };
}
