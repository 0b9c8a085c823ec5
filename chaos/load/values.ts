/**
 * What registers hold: a token that no other write uses, and behind it a filling of some length, so that small entries and
 * large ones are stored. The history knows tokens alone; a value that is not exactly what its token stands for keeps its own
 * text, which nobody wrote.
 *
 *     r7.123.40|abcdefghijklmnopqrstuvwxyzabcdefghijklmn      key, number of the write, length of the filling
 */
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz';
const TOKEN = /^([^|.]+)\.(\d+)\.(\d{1,6})\|/;
const MAX_SHOWN_CHARS = 48;

export const tokenFor = (key: string, number: number, fillingBytes: number): string =>
  `${key}.${number}.${fillingBytes}`;

/** The whole value of a token. */
export function valueOf(token: string): string {
  const length = Number(token.slice(token.lastIndexOf('.') + 1));
  return `${token}|${ALPHABET.repeat(Math.ceil(length / ALPHABET.length)).slice(0, length)}`;
}

/** The token of a value, or `broken: ...` where a value is not what a client has written. */
export function tokenIn(value: string): string {
  const match = TOKEN.exec(value);
  if (match !== null) {
    const token = match[0].slice(0, -1);
    if (valueOf(token) === value) return token;
  }
  return `broken: ${value.slice(0, MAX_SHOWN_CHARS)} (${value.length} characters)`;
}

/** The key that a token was written to. */
export const keyOfToken = (token: string): string => token.split('.', 1)[0];
