import { argumentIs } from '../request.js';
import type { Request } from '../request.js';
import { fail, failWith } from '../replies.js';
import type { Outcome } from '../command.js';
import { expiryArgument, INVALID_EXPIRY, NOT_AN_INTEGER } from '../number-arguments.js';
import { KEEP_TTL, NO_EXPIRY } from '../storage-context.js';
import type { StorageContext } from '../storage-context.js';

/**
 * The options of SET and GETEX. They are parsed into one integer (flags, and the index of the expiry's argument above
 * them), so that parsing allocates nothing. As in Redis an expiry option excludes the others but not itself: the last
 * of several counts.
 */
export const OPTION = {
  nx: 1,
  xx: 2,
  get: 4,
  keepTtl: 8,
  persist: 16,
  ex: 32,
  px: 64,
  exAt: 128,
  pxAt: 256,
} as const;

const TIMES = OPTION.ex | OPTION.px | OPTION.exAt | OPTION.pxAt;
const EXPIRIES = TIMES | OPTION.keepTtl | OPTION.persist;
const INDEX_SHIFT = 10;

export const SET_OPTIONS = TIMES | OPTION.keepTtl | OPTION.nx | OPTION.xx | OPTION.get;
export const GETEX_OPTIONS = TIMES | OPTION.persist;
export const SYNTAX_ERROR = -1;

/** Options from argument `first` on, of those that `allowed` has; or {@link SYNTAX_ERROR}. */
export function parseStringOptions(request: Request, first: number, allowed: number): number {
  let flags = 0;
  let timeIndex = 0;
  for (let i = first; i < request.count; i++) {
    const option = optionAt(request, i) & allowed;
    if (option === 0 || (flags & excludedBy(option)) !== 0) return SYNTAX_ERROR;
    flags |= option;
    if ((option & TIMES) === 0) continue;
    if (++i >= request.count) return SYNTAX_ERROR;
    timeIndex = i;
  }
  return flags | (timeIndex << INDEX_SHIFT);
}

function optionAt(request: Request, index: number): number {
  switch (request.lengths[index]) {
    case 2:
      if (argumentIs(request, index, 'ex')) return OPTION.ex;
      if (argumentIs(request, index, 'px')) return OPTION.px;
      if (argumentIs(request, index, 'nx')) return OPTION.nx;
      return argumentIs(request, index, 'xx') ? OPTION.xx : 0;
    case 3:
      return argumentIs(request, index, 'get') ? OPTION.get : 0;
    case 4:
      if (argumentIs(request, index, 'exat')) return OPTION.exAt;
      return argumentIs(request, index, 'pxat') ? OPTION.pxAt : 0;
    case 7:
      if (argumentIs(request, index, 'keepttl')) return OPTION.keepTtl;
      return argumentIs(request, index, 'persist') ? OPTION.persist : 0;
    default:
      return 0;
  }
}

function excludedBy(option: number): number {
  if (option === OPTION.nx) return OPTION.xx;
  if (option === OPTION.xx) return OPTION.nx;
  return option === OPTION.get ? 0 : EXPIRIES & ~option;
}

/** The expiry that options mean: a time, NO_EXPIRY, KEEP_TTL, or an error for {@link failExpiry}. */
export function expiryOfOptions(context: StorageContext, options: number): number {
  if ((options & OPTION.keepTtl) !== 0) return KEEP_TTL;
  if ((options & TIMES) === 0) return NO_EXPIRY;
  const unitMs = (options & (OPTION.ex | OPTION.exAt)) !== 0 ? 1000 : 1;
  const baseMs = (options & (OPTION.ex | OPTION.px)) !== 0 ? context.nowMs : 0;
  return expiryArgument(context.request, options >> INDEX_SHIFT, unitMs, baseMs, true);
}

export function isExpiryError(expiresAtMs: number): boolean {
  return expiresAtMs === NOT_AN_INTEGER || expiresAtMs === INVALID_EXPIRY;
}

export function failExpiry(context: StorageContext, error: number, commandName: string): Outcome {
  if (error === NOT_AN_INTEGER) return fail(context, 'NOT_AN_INTEGER');
  return failWith(context, `ERR invalid expire time in '${commandName}' command`);
}
