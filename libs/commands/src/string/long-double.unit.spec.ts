import { addLongDoubles, formatLongDouble, parseLongDouble } from './long-double.js';

/** The sum of two texts as INCRBYFLOAT prints it. */
function add(a: string, b: string): string | undefined {
  const [left, right] = [parseLongDouble(a), parseLongDouble(b)];
  if (left?.kind !== 'finite' || right?.kind !== 'finite') return undefined;
  const sum = addLongDoubles(left, right);
  return sum.kind === 'finite' ? formatLongDouble(sum) : sum.kind;
}

// Expected values are redis-server 7.0.15's on x86-64.
describe('long doubles', () => {
  it.each([
    ['0.1', '0.2', '0.3'],
    ['5.0e3', '200', '5200'],
    ['10.50', '0.1', '10.6'],
    ['3', '1.000000000000000005', '4.00000000000000001'],
    ['1', '-1', '0'],
    ['-0', '0', '0'],
    ['1e-20', '0', '0'],
    ['-1e-20', '0', '0'],
    ['100000000000000000000', '1', '100000000000000000000'],
    ['.5', '5.', '5.5'],
    ['1e4932', '1e4932', 'infinite'],
    ['-1e4932', '-1e4932', 'infinite'],
  ])('%s + %s = %s', (a, b, sum) => {
    expect(add(a, b)).toBe(sum);
  });

  it.each(['', ' 1', '1 ', 'abc', '.', 'e5', '1e', '1e5.5', '--1', 'nan', '0x10', '1e4933', '1e-4970', '1e999999999'])(
    'reads %j as no number',
    (text) => {
      expect(parseLongDouble(text)).toBeUndefined();
    },
  );

  it('reads infinities and zeros of any exponent, and refuses endless texts', () => {
    expect(parseLongDouble('-Infinity')).toEqual({ kind: 'infinite', negative: true });
    expect(parseLongDouble('+inf')).toEqual({ kind: 'infinite', negative: false });
    expect(add('0e999999999', '1')).toBe('1');
    expect(parseLongDouble('1'.repeat(5120))).toBeUndefined();
  });
});
