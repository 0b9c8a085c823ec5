/**
 * Values of keys as numbers, so that a state compares and hashes as one. An integer n is 2n, and so a counter needs no table;
 * any other text is an odd number, its place in the table; nil is -1. The text `7` and the integer 7 are the same value, as
 * they are in Redis; `07` is a text.
 */

/** What clients write and read; null is nil, an absent key. */
export type Value = string | number | null;

export const NIL = -1;
/** No value: where an operation's answer says something else than the state. */
export const IMPOSSIBLE = -3;
/** No value: an answer that nobody wrote down. */
export const UNRECORDED = -5;

const MAX_INTEGER = 2 ** 51;
const MAX_INTEGER_DIGITS = 17;

export const integerCode = (value: number): number => 2 * value;
export const isIntegerCode = (code: number): boolean => code % 2 === 0;
export const isInteger = (value: unknown): value is number =>
  Number.isInteger(value) && Math.abs(value as number) <= MAX_INTEGER;

export class ValueTable {
  private readonly codes = new Map<string, number>();
  private readonly texts: string[] = [];

  codeOf(value: Value): number {
    if (value === null) return NIL;
    if (isInteger(value)) return integerCode(value);
    const text = String(value);
    if (text.length <= MAX_INTEGER_DIGITS) {
      const number = Number(text);
      if (isInteger(number) && String(number) === text) return integerCode(number);
    }
    const known = this.codes.get(text);
    if (known !== undefined) return known;
    const code = 2 * this.texts.push(text) - 1;
    this.codes.set(text, code);
    return code;
  }

  /** Null for nil. */
  textOf(code: number): string | null {
    if (code === NIL) return null;
    return isIntegerCode(code) ? String(code / 2) : this.texts[(code - 1) / 2];
  }
}
