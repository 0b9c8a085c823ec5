import { parseInt64, parseInteger } from './parse-integer.js';
import {
  BANG,
  COLON,
  COMMA,
  CR,
  DOLLAR,
  EQUALS,
  GREATER,
  HASH,
  LEFT_PAREN,
  LF,
  MINUS,
  PERCENT,
  PIPE,
  PLUS,
  STAR,
  TILDE,
  UNDERSCORE,
  ZERO,
} from './protocol-bytes.js';

/** Aggregates within aggregates; no command's reply comes near. */
export const MAX_REPLY_DEPTH = 64;

const INCOMPLETE = 0;
const MALFORMED = -1;
const MAX_LENGTH_DIGITS = 10;
const MAX_LENGTH = 0x7fffffff;
const NULL_LENGTH = -1;
const INVALID = -2;
const LOWER_F = 0x66;
const LOWER_T = 0x74;

/** Elements still to come at each depth: one stack serves every walk, since none is interrupted. */
const pending = new Float64Array(MAX_REPLY_DEPTH);

/**
 * The bytes of the one complete RESP2 or RESP3 reply that begins at `offset`, attributes before it included:
 * 0 where it is incomplete, -1 where it is malformed or too deep. Streamed RESP3 types are malformed: no server sends
 * them. Iterative and without allocation.
 */
export function replyLength(buffer: Uint8Array, offset: number, end: number): number {
  let depth = 0;
  let at = offset;
  pending[0] = 1;
  while (at < end) {
    const type = buffer[at];
    const lineEnd = findCr(buffer, at + 1, end);
    if (lineEnd < 0) return isKnownType(type) ? INCOMPLETE : MALFORMED;
    if (buffer[lineEnd + 1] !== LF) return MALFORMED;
    let children = 0;
    if (isBlobType(type)) {
      const next = blobEnd(buffer, type, at + 1, lineEnd, end);
      if (next <= 0) return next;
      at = next;
    } else if (isAggregateType(type)) {
      children = childCount(buffer, type, at + 1, lineEnd);
      if (children < 0) return MALFORMED;
      at = lineEnd + 2;
    } else {
      if (!isValidScalar(buffer, type, at + 1, lineEnd)) return MALFORMED;
      at = lineEnd + 2;
    }
    if (type !== PIPE) pending[depth]--;
    if (children > 0) {
      if (++depth === MAX_REPLY_DEPTH) return MALFORMED;
      pending[depth] = children;
    }
    while (pending[depth] === 0) {
      if (depth === 0) return at - offset;
      depth--;
    }
  }
  return INCOMPLETE;
}

/** The announced length or count of a header line: -1 for a null, -2 where it is none. */
export function headerLength(buffer: Uint8Array, from: number, lineEnd: number): number {
  const digits = lineEnd - from;
  if (digits === 2 && buffer[from] === MINUS && buffer[from + 1] === ZERO + 1) return NULL_LENGTH;
  if (digits < 1 || digits > MAX_LENGTH_DIGITS || (digits > 1 && buffer[from] === ZERO)) return INVALID;
  let value = 0;
  for (let i = from; i < lineEnd; i++) {
    const digit = buffer[i] - ZERO;
    if (digit >>> 0 > 9) return INVALID;
    value = value * 10 + digit;
  }
  return value <= MAX_LENGTH ? value : INVALID;
}

/** Where the CR of a line stands whose LF may be read too, or -1 while they have not arrived. */
export function findCr(buffer: Uint8Array, from: number, end: number): number {
  for (let at = from; at + 1 < end; at++) if (buffer[at] === CR) return at;
  return -1;
}

export function isBlobType(type: number): boolean {
  return type === DOLLAR || type === BANG || type === EQUALS;
}

export function isAggregateType(type: number): boolean {
  return type === STAR || type === PERCENT || type === TILDE || type === GREATER || type === PIPE;
}

/** Replies that follow an aggregate's header: two for each pair of a map or of attributes. */
export function childrenOf(type: number, count: number): number {
  return type === PERCENT || type === PIPE ? count * 2 : count;
}

function isKnownType(type: number): boolean {
  switch (type) {
    case PLUS:
    case MINUS:
    case COLON:
    case UNDERSCORE:
    case HASH:
    case COMMA:
    case LEFT_PAREN:
      return true;
    default:
      return isBlobType(type) || isAggregateType(type);
  }
}

/** Where the reply after a blob begins, or INCOMPLETE or MALFORMED. */
function blobEnd(buffer: Uint8Array, type: number, from: number, lineEnd: number, end: number): number {
  const length = headerLength(buffer, from, lineEnd);
  if (length === NULL_LENGTH) return type === DOLLAR ? lineEnd + 2 : MALFORMED;
  if (length < 0) return MALFORMED;
  const content = lineEnd + 2;
  const next = content + length + 2;
  if (next > end) return INCOMPLETE;
  if (buffer[next - 2] !== CR || buffer[next - 1] !== LF) return MALFORMED;
  if (type === EQUALS && (length < 4 || buffer[content + 3] !== COLON)) return MALFORMED;
  return next;
}

/** A null array has no children; -1 where the header is malformed. */
function childCount(buffer: Uint8Array, type: number, from: number, lineEnd: number): number {
  const count = headerLength(buffer, from, lineEnd);
  if (count === NULL_LENGTH) return type === STAR ? 0 : MALFORMED;
  return count < 0 ? MALFORMED : childrenOf(type, count);
}

function isValidScalar(buffer: Uint8Array, type: number, from: number, lineEnd: number): boolean {
  const length = lineEnd - from;
  switch (type) {
    case PLUS:
    case MINUS:
      return true;
    case COLON:
      return parseInteger(buffer, from, length) !== undefined || parseInt64(buffer, from, length) !== undefined;
    case UNDERSCORE:
      return length === 0;
    case HASH:
      return length === 1 && (buffer[from] === LOWER_T || buffer[from] === LOWER_F);
    case COMMA:
      return length > 0 && everyByte(buffer, from, lineEnd, isDoubleByte);
    case LEFT_PAREN: {
      const first = buffer[from] === MINUS ? from + 1 : from;
      return first < lineEnd && everyByte(buffer, first, lineEnd, isDigitByte);
    }
    default:
      return false;
  }
}

function everyByte(buffer: Uint8Array, from: number, end: number, accepts: (byte: number) => boolean): boolean {
  for (let i = from; i < end; i++) if (!accepts(buffer[i])) return false;
  return true;
}

function isDigitByte(byte: number): boolean {
  return byte >= ZERO && byte <= ZERO + 9;
}

/** Digits, signs, the dot, and the letters of `e`, `inf` and `nan`; the decoder reads what they make. */
function isDoubleByte(byte: number): boolean {
  if (isDigitByte(byte) || byte === MINUS || byte === PLUS || byte === 0x2e) return true;
  const lower = byte | 0x20;
  return lower === 0x65 || lower === 0x69 || lower === 0x6e || lower === 0x66 || lower === 0x61;
}
