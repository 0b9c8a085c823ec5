import type { CommandRow } from './command-row.js';
import type { Request } from './request.js';

/** Where a request's keys stand, from the positions in its command's row. */

/** Index of the first key argument, or 0 where the command has no keys. */
export function firstKey(command: CommandRow): number {
  return command.keys.first;
}

/**
 * Writes the indexes of the key arguments into `out` and answers how many there are. Where `out` is too short, only
 * as many as fit are written, and the answer tells the room that is needed.
 */
export function keyIndexes(command: CommandRow, request: Request, out: Int32Array): number {
  const { first, last, step } = command.keys;
  if (first === 0) return 0;
  const end = Math.min(last < 0 ? request.count + last : last, request.count - 1);
  let found = 0;
  for (let index = first; index <= end; index += step) {
    if (found < out.length) out[found] = index;
    found++;
  }
  return found;
}

/**
 * True where the count of arguments (the name's own included) fits the command's arity, and where pairs of keys and
 * values are whole: so MSET with an odd rest is refused before it is split.
 */
export function arityMatches(command: CommandRow, count: number): boolean {
  const { arity, keys } = command;
  if (arity > 0 ? count !== arity : count < -arity) return false;
  return keys.last >= 0 || (count - keys.first) % keys.step === 0;
}
