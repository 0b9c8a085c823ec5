/**
 * The 80-bit floating point in which Redis on x86 computes INCRBYFLOAT, on BigInts: a 64-bit mantissa and round to
 * nearest, ties to even. With plain doubles 0.1 + 0.2 would print 0.30000000000000004; with exact decimals large sums
 * would print digits that Redis does not have. Hexadecimal floats, which C's strtold also reads, are refused.
 */

/** `mantissa × 2^exponent`. */
export interface FiniteLongDouble {
  readonly kind: 'finite';
  readonly mantissa: bigint;
  readonly exponent: number;
}
export type LongDouble = FiniteLongDouble | { readonly kind: 'infinite'; readonly negative: boolean };

const MANTISSA_BITS = 64;
/** 2^16384 is the first power that is too large; below 2^-16446 all is zero. */
const MAX_TOP_BIT = 16384;
const MIN_TOP_BIT = -16445;
/** Redis refuses longer texts. */
const MAX_CHARS = 5 * 1024 - 1;
/** With at most MAX_CHARS digits, a larger decimal exponent is out of range for certain. */
const MAX_DECIMAL_EXPONENT = 20_000;
const FRACTION_DIGITS = 17;

const DECIMAL = /^([+-]?)(?:(\d+)\.?(\d*)|\.(\d+))(?:[eE]([+-]?\d+))?$/;
const INFINITE = /^([+-]?)inf(?:inity)?$/i;
const ZERO: FiniteLongDouble = { kind: 'finite', mantissa: 0n, exponent: 0 };

/** Undefined where the text is no number, or one beyond the range. */
export function parseLongDouble(text: string): LongDouble | undefined {
  if (text.length > MAX_CHARS) return undefined;
  const infinite = INFINITE.exec(text);
  if (infinite) return { kind: 'infinite', negative: infinite[1] === '-' };
  const match = DECIMAL.exec(text);
  if (!match) return undefined;
  const fraction = match[3] ?? match[4] ?? '';
  const digits = BigInt((match[2] ?? '') + fraction);
  if (digits === 0n) return ZERO;
  const decimalExponent = Number(match[5] ?? 0);
  if (Math.abs(decimalExponent) > MAX_DECIMAL_EXPONENT) return undefined;
  const value = fromDecimal(digits, decimalExponent - fraction.length);
  const topBit = bitLength(value.mantissa) + value.exponent;
  if (topBit > MAX_TOP_BIT || topBit < MIN_TOP_BIT) return undefined;
  return match[1] === '-' ? { ...value, mantissa: -value.mantissa } : value;
}

/** Infinite where the sum leaves the range. */
export function addLongDoubles(a: FiniteLongDouble, b: FiniteLongDouble): LongDouble {
  const exponent = Math.min(a.exponent, b.exponent);
  const sum = (a.mantissa << BigInt(a.exponent - exponent)) + (b.mantissa << BigInt(b.exponent - exponent));
  if (sum === 0n) return ZERO;
  const negative = sum < 0n;
  const value = round(negative ? -sum : sum, exponent);
  if (bitLength(value.mantissa) + value.exponent > MAX_TOP_BIT) return { kind: 'infinite', negative };
  return negative ? { ...value, mantissa: -value.mantissa } : value;
}

/** As C's `%.17Lf` with the zeros at the end, and then the point, taken away. */
export function formatLongDouble(value: FiniteLongDouble): string {
  const negative = value.mantissa < 0n;
  const magnitude = negative ? -value.mantissa : value.mantissa;
  if (value.exponent >= 0) return (negative ? '-' : '') + (magnitude << BigInt(value.exponent)).toString();
  const scaled = shiftRightToEven(magnitude * 10n ** BigInt(FRACTION_DIGITS), -value.exponent);
  if (scaled === 0n) return '0';
  const digits = scaled.toString().padStart(FRACTION_DIGITS + 1, '0');
  const whole = digits.slice(0, -FRACTION_DIGITS);
  const fraction = digits.slice(-FRACTION_DIGITS).replace(/0+$/, '');
  return (negative ? '-' : '') + whole + (fraction === '' ? '' : `.${fraction}`);
}

/** `digits × 10^exponent`, rounded. */
function fromDecimal(digits: bigint, exponent: number): FiniteLongDouble {
  if (exponent >= 0) return round(digits * 10n ** BigInt(exponent), 0);
  const divisor = 10n ** BigInt(-exponent);
  const shift = Math.max(0, MANTISSA_BITS + 2 - (bitLength(digits) - bitLength(divisor)));
  const dividend = digits << BigInt(shift);
  const remainder = dividend % divisor;
  // One bit below the quotient stands for all that the division left over, so that ties are told from near ties.
  const quotient = ((dividend / divisor) << 1n) | (remainder === 0n ? 0n : 1n);
  return round(quotient, -shift - 1);
}

function round(magnitude: bigint, exponent: number): FiniteLongDouble {
  const excess = bitLength(magnitude) - MANTISSA_BITS;
  if (excess <= 0) return { kind: 'finite', mantissa: magnitude, exponent };
  return { kind: 'finite', mantissa: shiftRightToEven(magnitude, excess), exponent: exponent + excess };
}

function shiftRightToEven(magnitude: bigint, bits: number): bigint {
  const shifted = magnitude >> BigInt(bits);
  const rest = magnitude - (shifted << BigInt(bits));
  const half = 1n << BigInt(bits - 1);
  const up = rest > half || (rest === half && (shifted & 1n) === 1n);
  return up ? shifted + 1n : shifted;
}

function bitLength(magnitude: bigint): number {
  if (magnitude === 0n) return 0;
  const hex = magnitude.toString(16);
  return hex.length * 4 - Math.clz32(Number.parseInt(hex[0], 16)) + 28;
}
