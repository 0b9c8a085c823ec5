import { ByteWriter, latin1Bytes } from '#libs/kernel';

const CR = 13;
const LF = 10;
const DOLLAR = 0x24;
const COLON = 0x3a;
const STAR = 0x2a;
const PLUS = 0x2b;
const MINUS = 0x2d;
const ZERO = 0x30;

export type RespVersion = 2 | 3;

/** Pre-encoded replies that commands send most. */
export const REPLIES = {
  ok: latin1Bytes('+OK\r\n'),
  pong: latin1Bytes('+PONG\r\n'),
  queued: latin1Bytes('+QUEUED\r\n'),
  zero: latin1Bytes(':0\r\n'),
  one: latin1Bytes(':1\r\n'),
  nullBulk: latin1Bytes('$-1\r\n'),
  nullArray: latin1Bytes('*-1\r\n'),
  null3: latin1Bytes('_\r\n'),
  emptyArray: latin1Bytes('*0\r\n'),
  emptyBulk: latin1Bytes('$0\r\n\r\n'),
} as const;

/**
 * Writes finished RESP reply bytes. One writer serves many commands; `version` is set before each one, and the
 * types that only RESP3 has are written as Redis writes them for RESP2 clients.
 */
export class ReplyWriter extends ByteWriter {
  version: RespVersion = 2;

  /** Bytes that are already RESP, such as a row of {@link REPLIES}. */
  raw(bytes: Uint8Array): void {
    this.bytes(bytes, 0, bytes.length);
  }

  ok(): void {
    this.raw(REPLIES.ok);
  }

  /** `text` must be ASCII without CR or LF. */
  simple(text: string): void {
    this.line(PLUS, text);
  }

  /** An error line: `text` begins with its upper-case prefix (`ERR …`). CR and LF become spaces. */
  error(text: string): void {
    this.line(MINUS, text.replace(/[\r\n]/g, ' '));
  }

  integer(value: number | bigint): void {
    if (typeof value === 'number' && value >= 0 && value < 10) {
      this.reserve(4);
      const { buffer } = this;
      let at = this.length;
      buffer[at++] = COLON;
      buffer[at++] = ZERO + value;
      buffer[at++] = CR;
      buffer[at++] = LF;
      this.length = at;
      return;
    }
    this.prefixed(COLON, value);
  }

  bulk(buffer: Uint8Array, offset = 0, length = buffer.length - offset): void {
    this.reserve(length + 24);
    this.prefixed(DOLLAR, length);
    this.bytes(buffer, offset, length);
    this.crlf();
  }

  /** A bulk string of ASCII or Latin-1 text. */
  bulkText(text: string): void {
    this.bulk(latin1Bytes(text));
  }

  /** The nil that stands for a missing string. */
  nullBulk(): void {
    this.raw(this.version === 3 ? REPLIES.null3 : REPLIES.nullBulk);
  }

  /** The nil that stands for a missing array. */
  nullArray(): void {
    this.raw(this.version === 3 ? REPLIES.null3 : REPLIES.nullArray);
  }

  arrayHeader(count: number): void {
    this.prefixed(STAR, count);
  }

  /** `count` key-value pairs follow: a map in RESP3, a flat array in RESP2. */
  mapHeader(count: number): void {
    if (this.version === 3) this.prefixed(0x25, count);
    else this.prefixed(STAR, count * 2);
  }

  setHeader(count: number): void {
    this.prefixed(this.version === 3 ? 0x7e : STAR, count);
  }

  pushHeader(count: number): void {
    this.prefixed(this.version === 3 ? 0x3e : STAR, count);
  }

  /** `text` is the number as Redis prints it. */
  double(text: string): void {
    if (this.version === 3) this.line(0x2c, text);
    else this.bulkText(text);
  }

  boolean(value: boolean): void {
    if (this.version === 3) this.raw(value ? TRUE3 : FALSE3);
    else this.raw(value ? REPLIES.one : REPLIES.zero);
  }

  /** Text with a three-letter format (`txt`, `mkd`); a plain bulk string in RESP2. */
  verbatim(format: string, content: Uint8Array): void {
    if (this.version !== 3) return this.bulk(content);
    this.prefixed(0x3d, content.length + 4);
    this.bytes(latin1Bytes(`${format}:`));
    this.bytes(content);
    this.crlf();
  }

  private line(type: number, text: string): void {
    this.reserve(text.length + 3);
    this.buffer[this.length++] = type;
    for (let i = 0; i < text.length; i++) this.buffer[this.length++] = text.charCodeAt(i);
    this.crlf();
  }

  private crlf(): void {
    this.reserve(2);
    this.buffer[this.length++] = CR;
    this.buffer[this.length++] = LF;
  }

  private prefixed(type: number, value: number | bigint): void {
    if (typeof value === 'bigint' || value < 0 || value > 0xffffffff) return this.line(type, String(value));
    this.reserve(14);
    const { buffer } = this;
    let at = this.length;
    buffer[at++] = type;
    let digits = 1;
    for (let limit = 10; digits < 10 && value >= limit; limit *= 10) digits++;
    let rest = value;
    for (let i = at + digits - 1; i >= at; i--) {
      const next = Math.floor(rest / 10);
      buffer[i] = ZERO + (rest - next * 10);
      rest = next;
    }
    at += digits;
    buffer[at++] = CR;
    buffer[at++] = LF;
    this.length = at;
  }
}

const TRUE3 = latin1Bytes('#t\r\n');
const FALSE3 = latin1Bytes('#f\r\n');
