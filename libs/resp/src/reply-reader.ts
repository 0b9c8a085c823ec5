import { parseInteger } from './parse-integer.js';
import { BANG, COLON, MINUS, NO_BYTES, PIPE, UNDERSCORE } from './protocol-bytes.js';
import { childrenOf, findCr, headerLength, isAggregateType, isBlobType, replyLength } from './reply-length.js';

/**
 * Reads one finished reply as ranges of its buffer, for whoever merges replies without decoding them: the head's type,
 * its integer or its count, and then each element's bytes, to be copied or opened by another reader.
 * One reader is reused for many replies; it allocates nothing.
 */
export class ReplyReader {
  buffer = NO_BYTES;
  /** The type's byte, such as `:` or `*`; 0 before the first open. */
  type = 0;
  /** Bytes of the whole reply, attributes before it included. */
  length = 0;
  /** A `:` reply's value; NaN for other types and beyond ±(2^53 − 1). */
  integer = Number.NaN;
  /** Elements of an aggregate: two for each pair of a map; 0 for a null array and for other types. */
  count = 0;
  /** `_`, `$-1` or `*-1`. */
  isNull = false;
  /** Text of a line or content of a blob: a range of `buffer`. An aggregate's first element begins at contentOffset. */
  contentOffset = 0;
  contentLength = 0;
  /** The element that next() found: a whole reply, as a range of `buffer`. */
  elementOffset = 0;
  elementLength = 0;

  private end = 0;
  private elementsLeft = 0;
  private nextOffset = 0;

  get isError(): boolean {
    return this.type === MINUS || this.type === BANG;
  }

  /** False where no complete, well-formed reply begins at `offset`: nothing else is valid then. */
  open(buffer: Uint8Array, offset: number, end: number): boolean {
    this.elementsLeft = 0;
    const length = replyLength(buffer, offset, end);
    if (length <= 0) return false;
    this.buffer = buffer;
    this.length = length;
    this.end = offset + length;
    this.readHead(this.skipAttributes(offset));
    return true;
  }

  /** Steps to the next element of an aggregate; false after the last. */
  next(): boolean {
    if (this.elementsLeft === 0) return false;
    this.elementsLeft--;
    this.elementOffset = this.nextOffset;
    this.elementLength = replyLength(this.buffer, this.nextOffset, this.end);
    this.nextOffset += this.elementLength;
    return true;
  }

  private readHead(at: number): void {
    const { buffer } = this;
    const type = buffer[at];
    const lineEnd = findCr(buffer, at + 1, this.end);
    const isBlob = isBlobType(type);
    const isAggregate = isAggregateType(type);
    const announced = isBlob || isAggregate ? headerLength(buffer, at + 1, lineEnd) : 0;
    this.type = type;
    this.isNull = type === UNDERSCORE || announced < 0;
    this.integer = type === COLON ? (parseInteger(buffer, at + 1, lineEnd - at - 1) ?? Number.NaN) : Number.NaN;
    this.count = isAggregate ? childrenOf(type, Math.max(0, announced)) : 0;
    this.contentOffset = isBlob || isAggregate ? lineEnd + 2 : at + 1;
    this.contentLength = contentLength(isBlob, isAggregate, announced, lineEnd - at - 1);
    this.elementsLeft = this.count;
    this.nextOffset = this.contentOffset;
  }

  /** Where the reply itself begins. */
  private skipAttributes(offset: number): number {
    const { buffer } = this;
    let at = offset;
    while (buffer[at] === PIPE) {
      const lineEnd = findCr(buffer, at + 1, this.end);
      const children = childrenOf(PIPE, headerLength(buffer, at + 1, lineEnd));
      at = lineEnd + 2;
      for (let i = 0; i < children; i++) at += replyLength(buffer, at, this.end);
    }
    return at;
  }
}

function contentLength(isBlob: boolean, isAggregate: boolean, announced: number, lineBytes: number): number {
  if (isAggregate) return 0;
  return isBlob ? Math.max(0, announced) : lineBytes;
}
