import fc from 'fast-check';
import { latin1Text } from '#libs/kernel';
import { expiryArgument, INVALID_EXPIRY, NOT_AN_INTEGER, writeDecimal } from './number-arguments.js';
import { MAX_EXPIRES_AT_MS } from './storage-context.js';
import { requestOf } from './testing/request-text.js';

describe('writeDecimal', () => {
  it('writes every safe integer as String does', () => {
    const target = new Uint8Array(17);
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        expect(latin1Text(target, 0, writeDecimal(target, value))).toBe(String(value));
      }),
    );
  });
});

describe('expiryArgument', () => {
  const now = 1_700_000_000_000;
  it.each([
    ['10', 1000, now, true, now + 10_000],
    ['10', 1, 0, true, 10],
    ['-10', 1000, now, false, now - 10_000],
    ['-10', 1, 0, false, 0],
    ['0', 1, now, true, INVALID_EXPIRY],
    ['-9223372036854775808', 1, now, true, INVALID_EXPIRY],
    ['-9223372036854775808', 1, now, false, 0],
    ['-9223372036854775808', 1000, now, false, INVALID_EXPIRY],
    ['9223372036854775807', 1, now, true, INVALID_EXPIRY],
    ['9223372036854775807', 1, 0, true, MAX_EXPIRES_AT_MS],
    ['9007199254740991', 1000, now, true, MAX_EXPIRES_AT_MS],
    ['x', 1, now, true, NOT_AN_INTEGER],
    ['9223372036854775808', 1, now, true, NOT_AN_INTEGER],
  ] as const)('%s × %i + %i (positive: %s) is %i', (text, unitMs, baseMs, mustBePositive, expected) => {
    expect(expiryArgument(requestOf('x', text), 1, unitMs, baseMs, mustBePositive)).toBe(expected);
  });
});
