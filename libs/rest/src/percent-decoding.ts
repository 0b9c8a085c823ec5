/**
 * Keys are bytes and URLs carry bytes, but Express decodes paths as UTF-8 text and refuses the rest. So a key's part of
 * the path is decoded here, byte by byte.
 */
const PERCENT = 0x25;

/** Undefined where a percent sign is not followed by two hexadecimal digits. */
export function percentDecode(text: string): Uint8Array | undefined {
  const source = Buffer.from(text, 'utf8');
  if (!source.includes(PERCENT)) return source;
  let length = 0;
  for (let at = 0; at < source.length; at++) {
    let byte = source[at];
    if (byte === PERCENT) {
      const high = hexDigit(source[at + 1]);
      const low = hexDigit(source[at + 2]);
      if (high < 0 || low < 0) return undefined;
      byte = high * 16 + low;
      at += 2;
    }
    source[length++] = byte;
  }
  return source.subarray(0, length);
}

function hexDigit(byte: number | undefined): number {
  if (byte === undefined) return -1;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x61 + 10 : -1;
}

const BASE64URL = /^[A-Za-z0-9_-]*={0,2}$/;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** Padding may be left out. Undefined for anything that is not exactly base64url: Node itself would skip it. */
export function decodeBase64Url(text: string): Uint8Array | undefined {
  return BASE64URL.test(text) ? exactly(text, 'base64url') : undefined;
}

/** Undefined for anything that is not exactly base64. */
export function decodeBase64(text: string): Uint8Array | undefined {
  return BASE64.test(text) ? exactly(text, 'base64') : undefined;
}

function exactly(text: string, encoding: 'base64' | 'base64url'): Uint8Array | undefined {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const digits = text.length - padding;
  if (digits % 4 === 1 || (padding > 0 && (digits + padding) % 4 !== 0)) return undefined;
  return Buffer.from(text, encoding);
}
