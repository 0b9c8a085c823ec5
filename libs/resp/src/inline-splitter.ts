import { ByteWriter } from '#libs/kernel';
import { CR, DOLLAR, LF, NO_BYTES, STAR } from './protocol-bytes.js';

const TAB = 0x09;
const BELL = 0x07;
const BACKSPACE = 0x08;
const SPACE = 0x20;
const DOUBLE_QUOTE = 0x22;
const SINGLE_QUOTE = 0x27;
const BACKSLASH = 0x5c;
const LOWER_X = 0x78;

/**
 * Splits an inline command (`SET key "a value"`) into its arguments and rewrites it as a multibulk, so that
 * everything behind the scanner sees one form. Quoting follows Redis's `sdssplitargs`: double quotes take
 * `\n \r \t \b \a \\ \" \xHH`, single quotes take `\'` alone, a closing quote must end its argument.
 *
 * The buffers are kept for the next line; their size follows the longest line seen, which the scanner bounds.
 */
export class InlineSplitter {
  /** The command as a multibulk. */
  readonly multibulk = new ByteWriter();
  private text = NO_BYTES;
  private textLength = 0;
  private ends: Int32Array = new Int32Array(16);
  private position = 0;

  /** Answers the number of arguments (0 for a blank line), or -1 where quotes are unbalanced. */
  split(buffer: Uint8Array, offset: number, end: number): number {
    if (this.text.length < end - offset) this.text = new Uint8Array(Math.max(256, (end - offset) * 2));
    this.textLength = 0;
    this.position = offset;
    let count = 0;
    for (;;) {
      while (this.position < end && isSpace(buffer[this.position])) this.position++;
      if (this.position >= end) return count;
      if (!this.argument(buffer, end)) return -1;
      if (count === this.ends.length) this.ends = grown(this.ends);
      this.ends[count++] = this.textLength;
    }
  }

  /** Writes the multibulk of the line split last, and each argument's range in it. */
  encode(count: number, offsets: Int32Array, lengths: Int32Array): void {
    const { multibulk, ends } = this;
    multibulk.reset();
    writeHeader(multibulk, STAR, count);
    for (let i = 0, start = 0; i < count; start = ends[i++]) {
      const length = ends[i] - start;
      writeHeader(multibulk, DOLLAR, length);
      offsets[i] = multibulk.length;
      lengths[i] = length;
      multibulk.bytes(this.text, start, length);
      multibulk.u8(CR);
      multibulk.u8(LF);
    }
  }

  private argument(buffer: Uint8Array, end: number): boolean {
    while (this.position < end) {
      const byte = buffer[this.position];
      if (byte === SPACE || byte === TAB || byte === CR || byte === LF) return true;
      if (byte === DOUBLE_QUOTE) return this.doubleQuoted(buffer, end);
      if (byte === SINGLE_QUOTE) return this.singleQuoted(buffer, end);
      this.text[this.textLength++] = byte;
      this.position++;
    }
    return true;
  }

  private doubleQuoted(buffer: Uint8Array, end: number): boolean {
    let at = this.position + 1;
    while (at < end) {
      const byte = buffer[at];
      if (byte === DOUBLE_QUOTE) return this.closeQuote(buffer, at, end);
      if (byte !== BACKSLASH || at + 1 === end) {
        this.text[this.textLength++] = byte;
        at++;
        continue;
      }
      const high = buffer[at + 1] === LOWER_X && at + 3 < end ? hexDigit(buffer[at + 2]) : -1;
      const low = high >= 0 ? hexDigit(buffer[at + 3]) : -1;
      this.text[this.textLength++] = low >= 0 ? high * 16 + low : unescaped(buffer[at + 1]);
      at += low >= 0 ? 4 : 2;
    }
    return false;
  }

  private singleQuoted(buffer: Uint8Array, end: number): boolean {
    let at = this.position + 1;
    while (at < end) {
      if (buffer[at] === SINGLE_QUOTE) return this.closeQuote(buffer, at, end);
      if (buffer[at] === BACKSLASH && at + 1 < end && buffer[at + 1] === SINGLE_QUOTE) at++;
      this.text[this.textLength++] = buffer[at++];
    }
    return false;
  }

  private closeQuote(buffer: Uint8Array, at: number, end: number): boolean {
    this.position = at + 1;
    return at + 1 === end || isSpace(buffer[at + 1]);
  }
}

/** C's isspace. */
function isSpace(byte: number): boolean {
  return byte === SPACE || (byte >= TAB && byte <= CR);
}

function unescaped(byte: number): number {
  switch (byte) {
    case 0x6e:
      return LF;
    case 0x72:
      return CR;
    case 0x74:
      return TAB;
    case 0x62:
      return BACKSPACE;
    case 0x61:
      return BELL;
    default:
      return byte;
  }
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

function writeHeader(writer: ByteWriter, type: number, value: number): void {
  writer.u8(type);
  const digits = String(value);
  for (let i = 0; i < digits.length; i++) writer.u8(digits.charCodeAt(i));
  writer.u8(CR);
  writer.u8(LF);
}

function grown(array: Int32Array): Int32Array {
  const larger = new Int32Array(array.length * 2);
  larger.set(array);
  return larger;
}
