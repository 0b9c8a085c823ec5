import { keyOfToken, tokenFor, tokenIn, valueOf } from './values.js';

describe('values', () => {
  it.each([0, 1, 26, 27, 40_000])('come back as their token, with a filling of %d bytes', (length) => {
    const token = tokenFor('r7', 123, length);
    expect(valueOf(token)).toHaveLength(token.length + 1 + length);
    expect(tokenIn(valueOf(token))).toBe(token);
    expect(keyOfToken(token)).toBe('r7');
  });

  it.each([
    ['cut short', (value: string) => value.slice(0, -1)],
    ['too long', (value: string) => `${value}x`],
    ['changed in one place', (value: string) => value.replace('def', 'dxf')],
    ['of another kind', () => '17'],
    ['empty', () => ''],
  ])('that are %s are not taken for what was written', (_, spoil) => {
    expect(tokenIn(spoil(valueOf(tokenFor('r7', 123, 40))))).toMatch(/^broken: /);
  });
});
