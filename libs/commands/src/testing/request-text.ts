import { latin1Bytes } from '#libs/kernel';
import type { Request } from '../request.js';

/** A request of the given arguments; strings are taken byte for byte (Latin-1). */
export function requestOf(...args: readonly (string | Uint8Array)[]): Request {
  const parts = args.map((arg) => (typeof arg === 'string' ? latin1Bytes(arg) : arg));
  // A byte before, between and after the arguments, so that code that reads past a range is found out.
  const buffer = new Uint8Array(1 + parts.reduce((sum, part) => sum + part.length + 1, 0)).fill(0x39);
  const offsets = new Int32Array(parts.length);
  const lengths = new Int32Array(parts.length);
  let at = 1;
  for (const [index, part] of parts.entries()) {
    buffer.set(part, at);
    offsets[index] = at;
    lengths[index] = part.length;
    at += part.length + 1;
  }
  return { buffer, count: parts.length, offsets, lengths };
}

/** Arguments of a line as typed into redis-cli: words, or "double-quoted" ones with \n, \r, \0, \" and \\. */
export function wordsOf(line: string): string[] {
  const words = line.match(/"(?:[^"\\]|\\.)*"|\S+/g) ?? [];
  return words.map((word) => (word.startsWith('"') ? unescape(word.slice(1, -1)) : word));
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', '0': '\0' };

function unescape(text: string): string {
  return text.replace(/\\(.)/g, (_, char: string) => ESCAPES[char] ?? char);
}
