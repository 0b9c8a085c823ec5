import { DecodeError, latin1Text, utf8Text } from '#libs/kernel';
import { parseDouble } from './parse-double.js';
import { parseInt64, parseInteger } from './parse-integer.js';
import {
  BANG,
  COLON,
  COMMA,
  DOLLAR,
  EQUALS,
  GREATER,
  HASH,
  LEFT_PAREN,
  MINUS,
  PERCENT,
  PIPE,
  PLUS,
  UNDERSCORE,
} from './protocol-bytes.js';
import { childrenOf, findCr, headerLength, isAggregateType, replyLength } from './reply-length.js';

/** An error reply as a value: a reply may hold several among its elements, so none is thrown. */
export class RespError {
  constructor(readonly message: string) {}

  /** The first word: `ERR`, `WRONGTYPE`, … */
  get code(): string {
    return this.message.split(' ', 1)[0];
  }
}

/** An out-of-band message of RESP3. */
export class RespPush {
  constructor(readonly items: readonly RespValue[]) {}
}

/** Text with its three-letter format, such as `txt`. */
export class RespVerbatim {
  constructor(
    readonly format: string,
    readonly content: Uint8Array,
  ) {}
}

/**
 * A reply in JavaScript's values: simple strings are strings, bulk strings are bytes of their own, integers and doubles
 * are numbers (bigint beyond 2^53 and for big numbers), sets are arrays, maps are arrays of pairs.
 */
export type RespValue =
  null | boolean | number | bigint | string | Uint8Array | RespError | RespPush | RespVerbatim | readonly RespValue[];

/** Digits of a big number: converting more is quadratic work. */
const MAX_BIG_NUMBER_DIGITS = 4096;

/**
 * Decodes the one RESP2 or RESP3 reply that the range holds; attributes are skipped. Meant for REST, tools and tests;
 * the data path copies replies undecoded. Throws DecodeError where the range is not exactly one well-formed reply.
 * Depth is bounded by MAX_REPLY_DEPTH, memory by the range: it is checked before anything is made.
 */
export function decodeReply(buffer: Uint8Array, offset = 0, end: number = buffer.length): RespValue {
  const length = replyLength(buffer, offset, end);
  if (length === 0) throw new DecodeError('incomplete reply');
  if (length < 0) throw new DecodeError('malformed reply');
  if (offset + length !== end) throw new DecodeError('bytes after the reply');
  return new ReplyDecoder(buffer, offset, end).value();
}

/** Recursive descent over bytes that replyLength has accepted. */
class ReplyDecoder {
  constructor(
    private readonly buffer: Uint8Array,
    private at: number,
    private readonly end: number,
  ) {}

  value(): RespValue {
    const { buffer } = this;
    const type = buffer[this.at];
    const from = this.at + 1;
    const lineEnd = findCr(buffer, from, this.end);
    this.at = lineEnd + 2;
    if (isAggregateType(type)) return this.aggregate(type, headerLength(buffer, from, lineEnd));
    if (type === DOLLAR || type === BANG || type === EQUALS)
      return this.blob(type, headerLength(buffer, from, lineEnd));
    return scalar(buffer, type, from, lineEnd - from);
  }

  private aggregate(type: number, count: number): RespValue {
    if (count < 0) return null;
    if (type === PERCENT) return this.pairs(count);
    const items: RespValue[] = [];
    for (let left = childrenOf(type, count); left > 0; left--) items.push(this.value());
    if (type === PIPE) return this.value();
    return type === GREATER ? new RespPush(items) : items;
  }

  private pairs(count: number): RespValue {
    const pairs: RespValue[] = [];
    for (let left = count; left > 0; left--) pairs.push([this.value(), this.value()]);
    return pairs;
  }

  private blob(type: number, length: number): RespValue {
    if (length < 0) return null;
    const content = Uint8Array.prototype.slice.call(this.buffer, this.at, this.at + length);
    this.at += length + 2;
    if (type === BANG) return new RespError(utf8Text(content));
    if (type === EQUALS) return new RespVerbatim(latin1Text(content, 0, 3), content.slice(4));
    return content;
  }
}

function scalar(buffer: Uint8Array, type: number, from: number, length: number): RespValue {
  switch (type) {
    case PLUS:
      return utf8Text(buffer.subarray(from, from + length));
    case MINUS:
      return new RespError(utf8Text(buffer.subarray(from, from + length)));
    case COLON:
      return parseInteger(buffer, from, length) ?? parseInt64(buffer, from, length) ?? null;
    case COMMA:
      return double(buffer, from, length);
    case LEFT_PAREN:
      if (length > MAX_BIG_NUMBER_DIGITS) throw new DecodeError('big number too long');
      return BigInt(latin1Text(buffer, from, length));
    case HASH:
      return buffer[from] === 0x74;
    case UNDERSCORE:
    default:
      return null;
  }
}

function double(buffer: Uint8Array, from: number, length: number): number {
  const value = parseDouble(buffer, from, length);
  if (value !== undefined) return value;
  if (length <= 4 && /^-?nan$/i.test(latin1Text(buffer, from, length))) return Number.NaN;
  throw new DecodeError('malformed double');
}
