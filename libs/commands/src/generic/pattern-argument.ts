import { BOUNDS } from '#libs/kernel';
import { argumentBytes } from '../request.js';
import type { Request } from '../request.js';

const STAR = 0x2a;

/** A glob pattern, copied; undefined for a lone `*`, which as in Redis matches even the empty key. */
export function patternArgument(request: Request, index: number): Uint8Array | undefined {
  if (request.lengths[index] === 1 && request.buffer[request.offsets[index]] === STAR) return undefined;
  return argumentBytes(request, index);
}

/** A longer pattern is refused: each key costs a walk over it, and no key is longer than this. */
export function isPatternTooLong(request: Request, index: number): boolean {
  return request.lengths[index] > BOUNDS.maxKeyBytes;
}
