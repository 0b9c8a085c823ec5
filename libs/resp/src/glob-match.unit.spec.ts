import { latin1Bytes } from '#libs/kernel';
import fc from 'fast-check';
import { globMatch } from './glob-match.js';

const matches = (pattern: string, text: string) => globMatch(latin1Bytes(pattern), latin1Bytes(text));

/** The definition: every element tried against every place. */
function reference(pattern: string, text: string): boolean {
  if (text === '') return pattern === '';
  return rest(pattern, text);
}

function rest(pattern: string, text: string): boolean {
  if (pattern === '') return text === '';
  if (pattern[0] === '*') return rest(pattern.slice(1), text) || (text !== '' && rest(pattern, text.slice(1)));
  if (text === '') return false;
  if (pattern[0] === '?') return rest(pattern.slice(1), text.slice(1));
  return pattern[0] === text[0] && rest(pattern.slice(1), text.slice(1));
}

describe('globMatch', () => {
  it.each<[string, string, boolean]>([
    ['', '', true],
    ['*', '', false],
    ['**', '', false],
    ['', 'a', false],
    ['*', 'a', true],
    ['h?llo', 'hello', true],
    ['h?llo', 'hllo', false],
    ['h*llo', 'heeeello', true],
    ['h[ae]llo', 'hallo', true],
    ['h[ae]llo', 'hillo', false],
    ['h[^e]llo', 'hallo', true],
    ['h[^e]llo', 'hello', false],
    ['h[a-c]llo', 'hbllo', true],
    ['h[c-a]llo', 'hbllo', true],
    ['h[a-c]llo', 'hdllo', false],
    ['\\*', '*', true],
    ['\\*', 'a', false],
    ['a\\', 'a\\', true],
    ['[\\]]', ']', true],
    ['[\\', '\\', true],
    ['[abc', 'b', true],
    ['[', '[', false],
    ['[^', 'x', true],
    ['[a-', '-', true],
    ['[a-]x', 'bx', false],
    ['[]a]', ']', false],
    ['a**', 'a', true],
    ['*a', 'aab', false],
    ['[a-\xff]', 'b', false],
    ['[a-\xff]', '\x05', true],
    ['a*b*c', 'axxbxxbc', true],
    ['user:*:name', 'user:1:2:name', true],
  ])('%j on %j: %s', (pattern, text, expected) => {
    expect(matches(pattern, text)).toBe(expected);
  });

  it('agrees with the definition', () => {
    const letters = (more: string) => fc.string({ unit: fc.constantFrom('a', 'b', ...more), maxLength: 10 });
    fc.assert(
      fc.property(letters('*?'), letters(''), (pattern, text) => matches(pattern, text) === reference(pattern, text)),
      { numRuns: 3000 },
    );
  });

  it('matches a range of a buffer', () => {
    expect(globMatch(latin1Bytes('b*'), latin1Bytes('abcd'), 1, 2)).toBe(true);
    expect(globMatch(latin1Bytes('*d'), latin1Bytes('abcd'), 1, 2)).toBe(false);
  });

  it('does not blow up on many stars', () => {
    expect(matches(`${'a*'.repeat(1000)}b`, 'a'.repeat(5000))).toBe(false);
  });
});
