/** As many as JavaScript prints: an expansion whose digits 19 to 101 are zeros is taken to end there. */
const EXACT_DIGITS = 100;

/**
 * A double as Redis 7.0 prints it in replies (`addReplyDouble`): C's `%.17g`, so 0.1 is `0.10000000000000001` and
 * 3 is `3`; `inf`, `-inf` and `nan` by name. (Later releases print the shortest text that reads back the same.)
 */
export function formatDouble(value: number): string {
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) return String(value);
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  if (value === 0) return `${sign}0`;
  const [mantissa, exponentText] = significant(Math.abs(value)).split('e');
  const exponent = Number(exponentText);
  const digits = mantissa.replace('.', '').replace(/0+$/, '');
  if (exponent < -4 || exponent >= 17) return `${sign}${pointed(digits, 1)}e${exponentSuffix(exponent)}`;
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  return `${sign}${pointed(digits.padEnd(exponent + 1, '0'), exponent + 1)}`;
}

/**
 * Seventeen significant digits in exponent form, ties to even as C rounds them: JavaScript rounds an exact tie away
 * from zero. A tie is a number whose decimal expansion ends with a 5 at the eighteenth digit.
 */
function significant(magnitude: number): string {
  const rounded = magnitude.toExponential(16);
  if (!/5e/.test(magnitude.toExponential(17))) return rounded;
  const [exact, exponent] = magnitude.toExponential(EXACT_DIGITS).split('e');
  const isTie = /^\d\.\d{16}50*$/.test(exact);
  const isKeptEven = Number(exact[17]) % 2 === 0;
  return isTie && isKeptEven ? `${exact.slice(0, 18)}e${exponent}` : rounded;
}

function pointed(digits: string, wholeDigits: number): string {
  return digits.length > wholeDigits ? `${digits.slice(0, wholeDigits)}.${digits.slice(wholeDigits)}` : digits;
}

function exponentSuffix(exponent: number): string {
  return `${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}
