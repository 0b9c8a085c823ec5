import { argumentText, type Request } from '../request.js';

const SIZE = /^(\d{1,15})(b|k|kb|m|mb|g|gb|t|tb)?$/;

/** As Redis reads sizes: `k` is 1000 bytes, `kb` is 1024. */
const UNITS: Readonly<Record<string, number>> = {
  b: 1,
  k: 1e3,
  kb: 2 ** 10,
  m: 1e6,
  mb: 2 ** 20,
  g: 1e9,
  gb: 2 ** 30,
  t: 1e12,
  tb: 2 ** 40,
};

/** Bytes, such as `1048576`, `100mb` and `1GB`; undefined where the argument is no size within 53 bits. */
export function sizeArgument(request: Request, index: number): number | undefined {
  const [, digits, unit = 'b'] = SIZE.exec(argumentText(request, index).toLowerCase()) ?? [];
  const bytes = Number(digits) * UNITS[unit];
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}
