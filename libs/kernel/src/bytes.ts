/**
 * Small helpers over byte ranges. A range is always (buffer, offset, length) instead of a sub-array: on the
 * hot path a view object costs more than the few bytes that it points at.
 */

/** Up to this many bytes a plain loop beats any call. */
const LOOP_COPY_BYTES = 24;
/** The same for a loop that writes four bytes a step. */
const WORD_COPY_BYTES = 64;

/** Copies a range; the ranges may lie in different buffers but must not overlap in one. */
export type CopyRange = (
  source: Uint8Array,
  sourceOffset: number,
  target: Uint8Array,
  targetOffset: number,
  length: number,
) => void;

/** What plain JavaScript offers: correct everywhere, but every call leaves a view object to the garbage collector. */
let copyLong: CopyRange = (source, sourceOffset, target, targetOffset, length) =>
  target.set(source.subarray(sourceOffset, sourceOffset + length), targetOffset);

/** Lets the platform bring a copy that allocates nothing; it must do exactly what the plain one does. */
export function useCopy(copy: CopyRange): void {
  copyLong = copy;
}

/** Copies `length` bytes; the ranges may lie in different buffers but must not overlap in one. */
export function copyBytes(
  source: Uint8Array,
  sourceOffset: number,
  target: Uint8Array,
  targetOffset: number,
  length: number,
): void {
  if (length > LOOP_COPY_BYTES) return copyLong(source, sourceOffset, target, targetOffset, length);
  for (let i = 0; i < length; i++) target[targetOffset + i] = source[sourceOffset + i];
}

/**
 * As {@link copyBytes} where a view of the whole target is at hand: writes four bytes a step, which takes less than half the
 * time of single ones.
 */
export function copyWords(
  source: Uint8Array,
  sourceOffset: number,
  target: Uint8Array,
  view: DataView,
  targetOffset: number,
  length: number,
): void {
  if (length > WORD_COPY_BYTES) return copyLong(source, sourceOffset, target, targetOffset, length);
  const wordsEnd = length & ~3;
  let i = 0;
  for (; i < wordsEnd; i += 4) {
    const from = sourceOffset + i;
    const word = source[from] | (source[from + 1] << 8) | (source[from + 2] << 16) | (source[from + 3] << 24);
    view.setInt32(targetOffset + i, word, true);
  }
  for (; i < length; i++) target[targetOffset + i] = source[sourceOffset + i];
}

export function equalBytes(a: Uint8Array, aOffset: number, b: Uint8Array, bOffset: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (a[aOffset + i] !== b[bOffset + i]) return false;
  return true;
}

/** True where the range spells `lowerCaseWord` (ASCII), whatever its case. */
export function equalsIgnoreCase(buffer: Uint8Array, offset: number, length: number, lowerCaseWord: string): boolean {
  if (length !== lowerCaseWord.length) return false;
  for (let i = 0; i < length; i++) {
    let byte = buffer[offset + i];
    if (byte >= 65 && byte <= 90) byte += 32;
    if (byte !== lowerCaseWord.charCodeAt(i)) return false;
  }
  return true;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: false });

export function utf8Bytes(text: string): Uint8Array {
  return encoder.encode(text);
}

export function utf8Text(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** One char per byte: lossless for any bytes, and the text of ASCII. Meant for short ranges (names, numbers). */
export function latin1Text(buffer: Uint8Array, offset: number, length: number): string {
  let text = '';
  for (let i = 0; i < length; i++) text += String.fromCharCode(buffer[offset + i]);
  return text;
}

/** The inverse of {@link latin1Text}; chars above 255 are an error of the caller. */
export function latin1Bytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** Two lower-case hex digits per byte. */
export function hexText(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
}

export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const joined = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}
