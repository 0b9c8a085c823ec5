import { equalsIgnoreCase, latin1Text } from '#libs/kernel';

/**
 * One parsed request as ranges of a buffer. The arrays are reused for the next request: nothing in here may be
 * kept. Argument 0 is the command's name; offsets and lengths are bytes in `buffer`.
 */
export interface Request {
  readonly buffer: Uint8Array;
  readonly count: number;
  readonly offsets: Int32Array;
  readonly lengths: Int32Array;
}

/** Where {@link argumentText} cuts: no word, name or address is longer, and a hostile one must not become a string. */
export const MAX_TEXT_BYTES = 4096;

/** An argument as text, one char per byte: for option words, names and error texts. Cut to MAX_TEXT_BYTES. */
export function argumentText(request: Request, index: number): string {
  return latin1Text(request.buffer, request.offsets[index], Math.min(request.lengths[index], MAX_TEXT_BYTES));
}

/** An argument as errors quote it: cut to `maxChars` and, as by C's `%s`, at its first zero byte. */
export function quotedText(request: Request, index: number, maxChars: number = MAX_TEXT_BYTES): string {
  const text = latin1Text(request.buffer, request.offsets[index], Math.min(request.lengths[index], maxChars));
  const end = text.indexOf('\0');
  return end < 0 ? text : text.slice(0, end);
}

/** A copy of an argument, for whoever keeps it. */
export function argumentBytes(request: Request, index: number): Uint8Array {
  const offset = request.offsets[index];
  return request.buffer.slice(offset, offset + request.lengths[index]);
}

/** True where an argument spells an option word (given in lower case), whatever its case. */
export function argumentIs(request: Request, index: number, lowerCaseWord: string): boolean {
  return equalsIgnoreCase(request.buffer, request.offsets[index], request.lengths[index], lowerCaseWord);
}

/** The request that begins at argument `first`, over the same buffer. */
export function tailRequest(request: Request, first: number): Request {
  return {
    buffer: request.buffer,
    count: request.count - first,
    offsets: request.offsets.subarray(first, request.count),
    lengths: request.lengths.subarray(first, request.count),
  };
}
