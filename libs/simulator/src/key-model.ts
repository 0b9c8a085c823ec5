import type { KeyOperation, KeyState } from './history.js';

/** Where an operation does not fit the state: its answer says otherwise. */
export const IMPOSSIBLE = Symbol('impossible');

/** The state after an operation that took effect in `state`; unknown outcomes fit every state. */
export function step(state: KeyState, { action, outcome, answer }: KeyOperation): KeyState | typeof IMPOSSIBLE {
  const isKnown = outcome === 'ok';
  switch (action.kind) {
    case 'get':
      return isKnown && (answer ?? undefined) !== state ? IMPOSSIBLE : state;
    case 'set':
      return action.value;
    case 'delete':
      return isKnown && answer !== (state === undefined ? 0 : 1) ? IMPOSSIBLE : undefined;
    case 'increment': {
      const next = Number(state ?? '0') + 1;
      return isKnown && answer !== next ? IMPOSSIBLE : String(next);
    }
    case 'append': {
      const next = (state ?? '') + action.value;
      return isKnown && answer !== next.length ? IMPOSSIBLE : next;
    }
  }
}
