import { latin1Bytes } from '#libs/kernel';
import fc from 'fast-check';
import { formatDouble } from './format-double.js';
import { parseDouble } from './parse-double.js';

const parse = (text: string) => parseDouble(latin1Bytes(text));

describe('parseDouble', () => {
  it.each<[string, number]>([
    ['3', 3],
    ['+3', 3],
    ['-0', -0],
    ['5.', 5],
    ['-.5', -0.5],
    ['1e3', 1000],
    ['1.5E-2', 0.015],
    ['inf', Infinity],
    ['-INF', -Infinity],
    ['+Infinity', Infinity],
    ['0x10', 16],
    ['-0X1.8p-1', -0.75],
    ['0x.8', 0.5],
    ['0x0p99', 0],
    ['0x1p-1074', 5e-324],
    ['0x1.8p-1075', 5e-324],
    ['0x1p1023', 2 ** 1023],
    ['0x20000000000001', 9007199254740992],
    ['0x20000000000003', 9007199254740996],
    ['0x200000000000010001', (2 ** 53 + 2) * 65536],
    ['1e-320', 1e-320],
    ['0e999999999', 0],
    ['123456789012345678', 123456789012345680],
  ])('%s', (text, expected) => {
    expect(parse(text)).toBe(expected);
  });

  it('refuses every other text', () => {
    const texts = [
      '',
      '-',
      '.',
      '+',
      'nan',
      '-nan',
      'nan(12)',
      ' 1',
      '1 ',
      '1e',
      '1e+',
      '1_0',
      '0x',
      '0x.',
      '0x1p',
      '1e400',
      '-1e400',
      '1e-400',
      '0x1p1024',
      '0x1p99999',
      '0x1p-1076',
      '0x1p-9999999',
      '0x1g',
      '1.2.3',
      'infin',
      '--1',
      '1e5x',
      '0b1',
      '1n',
      '1'.repeat(5121),
    ];
    for (const text of texts) expect([text, parse(text)]).toEqual([text, undefined]);
  });

  it('reads back every number that it prints', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), (value) => {
        expect(parse(formatDouble(value))).toBe(value);
        if (value !== 0) expect(parse(String(value))).toBe(value);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('formatDouble', () => {
  it.each<[number, string]>([
    [0, '0'],
    [-0, '-0'],
    [3, '3'],
    [-1.5, '-1.5'],
    [0.1, '0.10000000000000001'],
    [1e17, '1e+17'],
    [12345678901234568, '12345678901234568'],
    [1e-5, '1.0000000000000001e-05'],
    [0.0001, '0.0001'],
    [1e-320, '9.9998886718268301e-321'],
    [1234567890123456.25, '1234567890123456.2'],
    [1234567890123456.75, '1234567890123456.8'],
    [1.7976931348623157e308, '1.7976931348623157e+308'],
    [Infinity, 'inf'],
    [-Infinity, '-inf'],
    [NaN, 'nan'],
  ])('%d is printed as Redis 7.0 prints it', (value, text) => {
    expect(formatDouble(value)).toBe(text);
  });
});
