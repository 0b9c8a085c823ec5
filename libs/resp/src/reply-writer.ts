import { ByteWriter, copyBytes, latin1Bytes } from '#libs/kernel';
import {
  COLON,
  COMMA,
  CR,
  DOLLAR,
  EQUALS,
  GREATER,
  LF,
  MINUS,
  PERCENT,
  PLUS,
  STAR,
  TILDE,
  ZERO,
} from './protocol-bytes.js';

const SPACE = 0x20;
const QUESTION = 0x3f;
/** Type, sign, ten digits, CRLF, and the CRLF after a blob. */
const HEADER_BYTES = 16;
const MAX_UINT32 = 0xffffffff;

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
    this.line(MINUS, text);
  }

  integer(value: number | bigint): void {
    if (typeof value !== 'number' || value > MAX_UINT32 || value < -MAX_UINT32) return this.line(COLON, String(value));
    this.reserve(HEADER_BYTES);
    if (value >= 0) return this.header(COLON, value);
    this.buffer[this.length] = COLON;
    this.length++;
    this.header(MINUS, -value);
  }

  bulk(buffer: Uint8Array, offset = 0, length: number = buffer.length - offset): void {
    this.reserve(length + HEADER_BYTES);
    this.header(DOLLAR, length);
    const target = this.buffer;
    let at = this.length;
    copyBytes(buffer, offset, target, at, length);
    at += length;
    target[at++] = CR;
    target[at++] = LF;
    this.length = at;
  }

  /** A bulk string of ASCII or Latin-1 text; `?` stands for any other char. */
  bulkText(text: string): void {
    this.reserve(text.length + HEADER_BYTES);
    this.header(DOLLAR, text.length);
    const { buffer } = this;
    let at = this.length;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      buffer[at++] = code > 0xff ? QUESTION : code;
    }
    buffer[at++] = CR;
    buffer[at++] = LF;
    this.length = at;
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
    if (this.version === 3) this.prefixed(PERCENT, count);
    else this.prefixed(STAR, count * 2);
  }

  setHeader(count: number): void {
    this.prefixed(this.version === 3 ? TILDE : STAR, count);
  }

  pushHeader(count: number): void {
    this.prefixed(this.version === 3 ? GREATER : STAR, count);
  }

  /** `text` is the number as Redis prints it. */
  double(text: string): void {
    if (this.version === 3) this.line(COMMA, text);
    else this.bulkText(text);
  }

  boolean(value: boolean): void {
    if (this.version === 3) this.raw(value ? TRUE3 : FALSE3);
    else this.raw(value ? REPLIES.one : REPLIES.zero);
  }

  /** Text with a three-letter format (`txt`, `mkd`); a plain bulk string in RESP2. */
  verbatim(format: string, content: Uint8Array): void {
    if (this.version !== 3) return this.bulk(content);
    this.prefixed(EQUALS, content.length + 4);
    this.bytes(latin1Bytes(`${format}:`));
    this.bytes(content);
    this.bytes(CRLF);
  }

  /** One line, whatever the text: CR and LF would forge another reply, and a char above 255 could become one. */
  private line(type: number, text: string): void {
    this.reserve(text.length + 3);
    const { buffer } = this;
    let at = this.length;
    buffer[at++] = type;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > 0xff) buffer[at++] = QUESTION;
      else buffer[at++] = code === CR || code === LF ? SPACE : code;
    }
    buffer[at++] = CR;
    buffer[at++] = LF;
    this.length = at;
  }

  private prefixed(type: number, count: number): void {
    this.reserve(HEADER_BYTES);
    this.header(type, count);
  }

  /** Type, decimal, CRLF, of a value from 0 to 2^32 − 1; the caller has reserved HEADER_BYTES. */
  private header(type: number, value: number): void {
    const { buffer } = this;
    let at = this.length;
    buffer[at++] = type;
    if (value < 10) {
      buffer[at++] = ZERO + value;
    } else {
      let digits = 2;
      for (let limit = 100; value >= limit; limit *= 10) digits++;
      let rest = value;
      for (let i = at + digits - 1; i >= at; i--) {
        const next = Math.floor(rest / 10);
        buffer[i] = ZERO + (rest - next * 10);
        rest = next;
      }
      at += digits;
    }
    buffer[at++] = CR;
    buffer[at++] = LF;
    this.length = at;
  }
}

const CRLF = latin1Bytes('\r\n');
const TRUE3 = latin1Bytes('#t\r\n');
const FALSE3 = latin1Bytes('#f\r\n');
