const MAX_KEY_BYTES = 64;
const CUT_MARK = '…';

/**
 * A key as log lines show it: at most 64 bytes of UTF-8, whole characters only, with everything that a terminal or
 * a log viewer might act on as `\xNN` or `\uNNNN`, so that a hostile key cannot forge or colour a line.
 */
export function keyText(key: string): string {
  let text = '';
  let bytes = 0;
  for (const char of key) {
    const code = char.codePointAt(0) ?? 0;
    bytes += utf8Length(code);
    if (bytes > MAX_KEY_BYTES) return text + CUT_MARK;
    text += isUnsafe(code) ? escaped(code) : char;
  }
  return text;
}

function utf8Length(code: number): number {
  if (code < 0x80) return 1;
  if (code < 0x800) return 2;
  return code < 0x10000 ? 3 : 4;
}

/** Control characters, the backslash that escapes begin with, line separators, bidi controls, lone surrogates. */
function isUnsafe(code: number): boolean {
  return (
    code < 0x20 ||
    code === 0x5c ||
    (code >= 0x7f && code < 0xa0) ||
    (code >= 0x200b && code <= 0x200f) ||
    (code >= 0x2028 && code <= 0x202e) ||
    (code >= 0x2066 && code <= 0x2069) ||
    (code >= 0xd800 && code <= 0xdfff) ||
    code === 0xfeff
  );
}

function escaped(code: number): string {
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
}
