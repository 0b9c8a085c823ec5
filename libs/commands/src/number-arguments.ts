import { parseInt64, parseInteger } from '#libs/resp';
import type { Request } from './request.js';
import { MAX_EXPIRES_AT_MS } from './storage-context.js';

/**
 * Numbers among the arguments. Redis reads 64-bit integers everywhere; those within 53 bits take the cheap path, and
 * only the rest costs a BigInt.
 */

export const INT64_MAX = 0x7fff_ffff_ffff_ffffn;
export const INT64_MIN = -INT64_MAX - 1n;

/**
 * A 64-bit integer argument, undefined where it is none. Beyond 53 bits the nearest double: enough for positions and
 * counts, which are cut to some bound anyway.
 */
export function integerArgument(request: Request, index: number): number | undefined {
  const offset = request.offsets[index];
  const length = request.lengths[index];
  const small = parseInteger(request.buffer, offset, length);
  if (small !== undefined) return small;
  const wide = parseInt64(request.buffer, offset, length);
  return wide === undefined ? undefined : Number(wide);
}

/** Answers of {@link expiryArgument} that are no time; below KEEP_TTL, so that the two never meet. */
export const NOT_AN_INTEGER = -2;
export const INVALID_EXPIRY = -3;

/**
 * The time that an argument means: `argument × unitMs + baseMs`, cut to 0..MAX_EXPIRES_AT_MS (0 is any time before
 * 1970), or {@link NOT_AN_INTEGER}, or {@link INVALID_EXPIRY} where Redis's 64 bits would overflow, or where the
 * argument must be positive and is not.
 */
export function expiryArgument(
  request: Request,
  index: number,
  unitMs: 1 | 1000,
  baseMs: number,
  mustBePositive: boolean,
): number {
  const small = parseInteger(request.buffer, request.offsets[index], request.lengths[index]);
  if (small === undefined) return wideExpiry(request, index, unitMs, baseMs, mustBePositive);
  if (mustBePositive && small <= 0) return INVALID_EXPIRY;
  return clampTime(small * unitMs + baseMs);
}

function wideExpiry(
  request: Request,
  index: number,
  unitMs: 1 | 1000,
  baseMs: number,
  mustBePositive: boolean,
): number {
  const wide = parseInt64(request.buffer, request.offsets[index], request.lengths[index]);
  if (wide === undefined) return NOT_AN_INTEGER;
  if (mustBePositive && wide <= 0n) return INVALID_EXPIRY;
  const durationMs = wide * BigInt(unitMs);
  if (durationMs < INT64_MIN || durationMs > INT64_MAX - BigInt(baseMs)) return INVALID_EXPIRY;
  return clampTime(Number(durationMs) + baseMs);
}

function clampTime(timeMs: number): number {
  return Math.min(Math.max(timeMs, 0), MAX_EXPIRES_AT_MS);
}

/** Writes a safe integer in decimal at the start of `target` (at least 17 bytes); answers its length. */
export function writeDecimal(target: Uint8Array, value: number): number {
  let rest = Math.abs(value);
  let length = value < 0 ? 2 : 1;
  for (let limit = 10; rest >= limit; limit *= 10) length++;
  if (value < 0) target[0] = 0x2d;
  for (let i = length - 1; i >= (value < 0 ? 1 : 0); i--) {
    const next = Math.floor(rest / 10);
    target[i] = 0x30 + (rest - next * 10);
    rest = next;
  }
  return length;
}
