/** Bytes in the JSON of batches: as text where they are UTF-8, else as base64, and never changed on the way. */
import { isUtf8 } from 'node:buffer';
import type { TextEncoding } from './batch-entries.js';
import { decodeBase64 } from './percent-decoding.js';

/** Undefined where the text is not what the encoding says: not base64, or half of a surrogate pair. */
export function bytesOf(text: string, encoding: TextEncoding = 'utf8'): Uint8Array | undefined {
  if (encoding === 'base64') return decodeBase64(text);
  return text.isWellFormed() ? Buffer.from(text, 'utf8') : undefined;
}

export interface EncodedText {
  readonly value: string;
  readonly encoding: TextEncoding;
}

/** As asked for; base64 where the bytes are no UTF-8. */
export function textOfBytes(bytes: Uint8Array, wanted: TextEncoding = 'utf8'): EncodedText {
  const encoding = wanted === 'utf8' && isUtf8(bytes) ? 'utf8' : 'base64';
  const value = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(encoding);
  return { value, encoding };
}
