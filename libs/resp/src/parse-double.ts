import { equalsIgnoreCase, latin1Text } from '#libs/kernel';
import { parseInteger } from './parse-integer.js';
import { MINUS, PLUS, ZERO } from './protocol-bytes.js';

/**
 * Doubles as Redis reads scores and increments (`string2d`): what C's strtod takes whole, without leading space.
 * That is decimal (`5.`, `.5`, `+1e-3`), hexadecimal (`0x1.8p3`) and `inf` or `infinity` with a sign, whatever the
 * case. NaN, overflow, and underflow to zero are refused.
 */

/** Longer texts are refused: as Redis does for its long doubles, so that no hostile text is converted. */
const MAX_TEXT_BYTES = 5 * 1024;
/** Integers of so many bytes are exact in a double. */
const FAST_BYTES = 15;
const MAX_EXPONENT = 1_000_000;
const DOT = 0x2e;
const LOWER_E = 0x65;
const LOWER_P = 0x70;
const LOWER_X = 0x78;

/** Undefined where the range is no such number. */
export function parseDouble(
  buffer: Uint8Array,
  offset = 0,
  length: number = buffer.length - offset,
): number | undefined {
  if (length === 0 || length > MAX_TEXT_BYTES) return undefined;
  if (length <= FAST_BYTES) {
    const integer = parseInteger(buffer, offset, length);
    if (integer !== undefined) return integer;
  }
  const isNegative = buffer[offset] === MINUS;
  const skipped = isNegative || buffer[offset] === PLUS ? 1 : 0;
  const magnitude = parseMagnitude(buffer, offset + skipped, length - skipped);
  if (magnitude === undefined) return undefined;
  return isNegative ? -magnitude : magnitude;
}

function parseMagnitude(buffer: Uint8Array, offset: number, length: number): number | undefined {
  if (equalsIgnoreCase(buffer, offset, length, 'inf') || equalsIgnoreCase(buffer, offset, length, 'infinity')) {
    return Number.POSITIVE_INFINITY;
  }
  const isHex = length > 2 && buffer[offset] === ZERO && (buffer[offset + 1] | 0x20) === LOWER_X;
  const start = isHex ? offset + 2 : offset;
  const form = readForm(buffer, start, offset + length, isHex ? 16 : 10);
  if (form === undefined) return undefined;
  const value = isHex
    ? hexValue(latin1Text(buffer, start, form.mantissaBytes), form.exponent)
    : Number(latin1Text(buffer, offset, length));
  const isOutOfRange = value === Number.POSITIVE_INFINITY || (value === 0 && form.hasNonZero);
  return isOutOfRange ? undefined : value;
}

interface NumberForm {
  readonly mantissaBytes: number;
  readonly hasNonZero: boolean;
  readonly exponent: number;
}

/** Checks digits, at most one dot, at least one digit, and an optional exponent to the very end. */
function readForm(buffer: Uint8Array, offset: number, end: number, radix: 10 | 16): NumberForm | undefined {
  let at = offset;
  let digits = 0;
  let hasDot = false;
  let hasNonZero = false;
  for (; at < end; at++) {
    const byte = buffer[at];
    if (byte === DOT && !hasDot) hasDot = true;
    else if (isDigit(byte, radix)) {
      digits++;
      hasNonZero ||= byte !== ZERO;
    } else break;
  }
  if (digits === 0) return undefined;
  const mantissaBytes = at - offset;
  if (at === end) return { mantissaBytes, hasNonZero, exponent: 0 };
  if ((buffer[at] | 0x20) !== (radix === 16 ? LOWER_P : LOWER_E)) return undefined;
  const exponent = readExponent(buffer, at + 1, end);
  return exponent === undefined ? undefined : { mantissaBytes, hasNonZero, exponent };
}

function readExponent(buffer: Uint8Array, offset: number, end: number): number | undefined {
  const isNegative = offset < end && buffer[offset] === MINUS;
  let at = isNegative || (offset < end && buffer[offset] === PLUS) ? offset + 1 : offset;
  if (at >= end) return undefined;
  let exponent = 0;
  for (; at < end; at++) {
    if (!isDigit(buffer[at], 10)) return undefined;
    exponent = Math.min(MAX_EXPONENT, exponent * 10 + buffer[at] - ZERO);
  }
  return isNegative ? -exponent : exponent;
}

function isDigit(byte: number, radix: 10 | 16): boolean {
  if (byte >= ZERO && byte <= ZERO + 9) return true;
  const lower = byte | 0x20;
  return radix === 16 && lower >= 0x61 && lower <= 0x66;
}

/** Rounds half to even at the place that a double has for a number of this size, subnormal ones included. */
function hexValue(mantissa: string, exponent: number): number {
  const dot = mantissa.indexOf('.');
  const fractionDigits = dot < 0 ? 0 : mantissa.length - dot - 1;
  const digits = BigInt(`0x${mantissa.replace('.', '')}`);
  if (digits === 0n) return 0;
  const scale = exponent - 4 * fractionDigits;
  const bits = digits.toString(2).length;
  const unit = Math.max(bits + scale - 53, -1074);
  const dropped = unit - scale;
  if (dropped <= 0) return scale > 1023 ? Number.POSITIVE_INFINITY : Number(digits) * 2 ** scale;
  if (dropped > bits + 1) return 0;
  const half = 1n << BigInt(dropped - 1);
  const kept = digits >> BigInt(dropped);
  const rest = digits - (kept << BigInt(dropped));
  const isUp = rest > half || (rest === half && (kept & 1n) === 1n);
  return unit > 1023 ? Number.POSITIVE_INFINITY : Number(isUp ? kept + 1n : kept) * 2 ** unit;
}
