import { choicesFlag, integerFlag, integersFlag, UsageError } from './flags.js';

const RANGE = { min: 1, max: 100 };

describe('flags', () => {
  it('have presets', () => {
    expect(integerFlag('n', undefined, 7, RANGE)).toBe(7);
    expect(integersFlag('n', undefined, [1, 2], RANGE)).toEqual([1, 2]);
    expect(choicesFlag('t', undefined, ['a', 'b'])).toEqual(['a', 'b']);
  });

  it('are read', () => {
    expect(integerFlag('n', '100', 7, RANGE)).toBe(100);
    expect(integersFlag('n', '64, 1,64', [1], RANGE)).toEqual([64, 1]);
    expect(choicesFlag('t', 'c,a', ['a', 'b', 'c'])).toEqual(['a', 'c']);
  });

  it.each(['0', '101', '-1', '1.5', '1e2', '', 'x', '9'.repeat(16)])('refuse the number "%s"', (text) => {
    expect(() => integerFlag('n', text, 7, RANGE)).toThrow(UsageError);
    expect(() => integersFlag('n', `1,${text}`, [1], RANGE)).toThrow('--n');
  });

  it('name the choices that there are', () => {
    expect(() => choicesFlag('t', 'a,x', ['a', 'b'])).toThrow('--t a,x: allowed are a, b');
  });
});
