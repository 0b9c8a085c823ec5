import { MINUS, ZERO } from './protocol-bytes.js';

/**
 * Integers as Redis reads them (`string2ll`): an optional minus, no plus, no leading zeros, no spaces, no `-0`.
 * From bytes and without a string, since every INCR and EXPIRE passes here.
 */

/** Nine digits at a time stay below 2^32 and far below 2^53. */
const LOW_DIGITS = 9;
const LOW_FACTOR = 1_000_000_000n;
const MAX_SAFE_DIGITS = 16;
const MAX_INT64_DIGITS = 19;
const MAX_INT64 = 0x7fffffffffffffffn;
const MIN_INT64 = -0x8000000000000000n;

/** Undefined where the range is no integer or lies beyond ±(2^53 − 1). */
export function parseInteger(
  buffer: Uint8Array,
  offset = 0,
  length: number = buffer.length - offset,
): number | undefined {
  const isNegative = length > 0 && buffer[offset] === MINUS;
  const first = isNegative ? offset + 1 : offset;
  const end = offset + length;
  if (!hasPlainForm(buffer, first, end, isNegative) || end - first > MAX_SAFE_DIGITS) return undefined;
  const value = digitsValue(buffer, first, end);
  if (!(value <= Number.MAX_SAFE_INTEGER)) return undefined;
  return isNegative ? -value : value;
}

/** Undefined where the range is no integer of 64 bits. Prefer {@link parseInteger} where 53 bits are enough. */
export function parseInt64(
  buffer: Uint8Array,
  offset = 0,
  length: number = buffer.length - offset,
): bigint | undefined {
  if (length < MAX_SAFE_DIGITS) {
    const small = parseInteger(buffer, offset, length);
    return small === undefined ? undefined : BigInt(small);
  }
  const isNegative = buffer[offset] === MINUS;
  const first = isNegative ? offset + 1 : offset;
  const end = offset + length;
  if (!hasPlainForm(buffer, first, end, isNegative) || end - first > MAX_INT64_DIGITS) return undefined;
  const high = digitsValue(buffer, first, end - LOW_DIGITS);
  const low = digitsValue(buffer, end - LOW_DIGITS, end);
  if (Number.isNaN(high) || Number.isNaN(low)) return undefined;
  const magnitude = BigInt(high) * LOW_FACTOR + BigInt(low);
  const value = isNegative ? -magnitude : magnitude;
  return value >= MIN_INT64 && value <= MAX_INT64 ? value : undefined;
}

/** At least one byte, and a zero only as the whole of an unsigned number. */
function hasPlainForm(buffer: Uint8Array, first: number, end: number, isNegative: boolean): boolean {
  if (first >= end) return false;
  return buffer[first] !== ZERO || (end - first === 1 && !isNegative);
}

/** NaN where a byte is no digit. */
function digitsValue(buffer: Uint8Array, first: number, end: number): number {
  let value = 0;
  for (let i = first; i < end; i++) {
    const digit = buffer[i] - ZERO;
    if (digit >>> 0 > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}
