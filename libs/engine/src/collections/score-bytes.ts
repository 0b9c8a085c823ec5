/**
 * Scores of sorted sets as bytes: eight little-endian ones where a score is stored, and eight whose order as bytes is
 * the order of the numbers where it is a key (the sign's bit flipped, all bits of a negative number; the way of
 * FoundationDB's tuple layer). Negative zero, which is as large as zero, becomes zero.
 */
export const SCORE_BYTES = 8;

const number = new Float64Array(1);
const bytes = new Uint8Array(number.buffer);

export function writeScore(target: Uint8Array, at: number, score: number): void {
  number[0] = score + 0;
  for (let i = 0; i < SCORE_BYTES; i++) target[at + i] = bytes[i];
}

export function readScore(source: Uint8Array, at: number): number {
  for (let i = 0; i < SCORE_BYTES; i++) bytes[i] = source[at + i];
  return number[0];
}

/** Writes a score that is not NaN. */
export function writeScoreKey(target: Uint8Array, at: number, score: number): void {
  number[0] = score + 0;
  const flip = score < 0 ? 0xff : 0;
  for (let i = 0; i < SCORE_BYTES; i++) target[at + i] = bytes[SCORE_BYTES - 1 - i] ^ flip;
  if (flip === 0) target[at] ^= 0x80;
}

export function readScoreKey(source: Uint8Array, at: number): number {
  const flip = source[at] >= 0x80 ? 0 : 0xff;
  for (let i = 0; i < SCORE_BYTES; i++) bytes[SCORE_BYTES - 1 - i] = source[at + i] ^ flip;
  if (flip === 0) bytes[SCORE_BYTES - 1] ^= 0x80;
  return number[0];
}
