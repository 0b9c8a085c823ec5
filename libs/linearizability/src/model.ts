/** What operations do to a key, as Redis's commands do: the sequential specification that an order has to satisfy. */
import { KIND, TRUE } from './history.js';
import type { Item } from './items.js';
import { IMPOSSIBLE, integerCode, isIntegerCode, NIL, UNRECORDED, type ValueTable } from './values.js';

/**
 * The state after an operation that takes effect in `state`; IMPOSSIBLE where its answer says otherwise, or where a
 * conditional operation of unknown outcome would do nothing: then it is as good as left out.
 */
export function step(values: ValueTable, state: number, { kind, argument, result, isOptional }: Item): number {
  switch (kind) {
    case KIND.read:
      return result === state ? state : IMPOSSIBLE;
    case KIND.write:
      return argument;
    case KIND.delete:
      if (result === UNRECORDED) return NIL;
      return (result === TRUE) === (state !== NIL) ? NIL : IMPOSSIBLE;
    case KIND.setIfAbsent:
      return conditional(state, argument, state === NIL, isOptional || result === TRUE);
    case KIND.setIfPresent:
      return conditional(state, argument, state !== NIL, isOptional || result === TRUE);
    case KIND.increment:
      return incremented(state, argument, result);
    case KIND.append:
      return appended(values, state, argument, result);
    default:
      return NIL;
  }
}

function conditional(state: number, argument: number, holds: boolean, isApplied: boolean): number {
  if (holds !== isApplied) return IMPOSSIBLE;
  return isApplied ? argument : state;
}

function incremented(state: number, by: number, result: number): number {
  if (state !== NIL && !isIntegerCode(state)) return IMPOSSIBLE;
  const next = (state === NIL ? 0 : state) + by;
  return result === UNRECORDED || result === next ? next : IMPOSSIBLE;
}

function appended(values: ValueTable, state: number, argument: number, result: number): number {
  const before = values.textOf(state) ?? '';
  const suffix = values.textOf(argument) ?? '';
  if (result !== UNRECORDED && result !== integerCode(before.length + suffix.length)) return IMPOSSIBLE;
  return values.codeOf(before + suffix);
}
