import { latin1Bytes } from '#libs/kernel';
import fc from 'fast-check';
import { parseInt64, parseInteger } from './parse-integer.js';

const MALFORMED = [
  '',
  '-',
  '-0',
  '+1',
  '01',
  '-01',
  ' 1',
  '1 ',
  '1.0',
  '1e3',
  '0x1',
  'abc',
  '--1',
  '12345678901234567a',
  '1234567a90123456789',
];

describe('integers from bytes', () => {
  it('refuse every other form', () => {
    for (const text of MALFORMED) {
      expect([text, parseInteger(latin1Bytes(text))]).toEqual([text, undefined]);
      expect([text, parseInt64(latin1Bytes(text))]).toEqual([text, undefined]);
    }
  });

  it('stop at 2^53 and at 64 bits', () => {
    expect(parseInteger(latin1Bytes('9007199254740991'))).toBe(Number.MAX_SAFE_INTEGER);
    expect(parseInteger(latin1Bytes('-9007199254740991'))).toBe(Number.MIN_SAFE_INTEGER);
    expect(parseInteger(latin1Bytes('9007199254740992'))).toBeUndefined();
    expect(parseInteger(latin1Bytes('9007199254740993'))).toBeUndefined();
    expect(parseInteger(latin1Bytes('99999999999999999'))).toBeUndefined();
    expect(parseInt64(latin1Bytes('9223372036854775807'))).toBe(2n ** 63n - 1n);
    expect(parseInt64(latin1Bytes('9223372036854775808'))).toBeUndefined();
    expect(parseInt64(latin1Bytes('-9223372036854775808'))).toBe(-(2n ** 63n));
    expect(parseInt64(latin1Bytes('-9223372036854775809'))).toBeUndefined();
    expect(parseInt64(latin1Bytes('99999999999999999999'))).toBeUndefined();
  });

  it('read a range, and read back what they print', () => {
    expect(parseInteger(latin1Bytes('x-12y'), 1, 3)).toBe(-12);
    fc.assert(
      fc.property(
        fc.maxSafeInteger(),
        (value) => parseInteger(latin1Bytes(String(value))) === value || Object.is(value, -0),
      ),
    );
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
        (value) => parseInt64(latin1Bytes(String(value))) === value,
      ),
    );
  });
});
