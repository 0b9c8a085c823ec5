import { assert, BOUNDS } from '#libs/kernel';
import { InlineSplitter } from './inline-splitter.js';
import { parseInt64 } from './parse-integer.js';
import { CR, DOLLAR, LF, NO_BYTES, NUL, STAR, ZERO } from './protocol-bytes.js';

export interface ScannerLimits {
  /** The longest argument. */
  readonly maxBulkBytes: number;
  /** The most arguments of one command, at least 16. */
  readonly maxArguments: number;
  /** The longest inline command, and the longest `*N` or `$N` line. */
  readonly maxInlineBytes: number;
  /** The longest command as a whole, checked while it is incomplete (Redis: client-query-buffer-limit, 1 GiB). */
  readonly maxCommandBytes: number;
}

const GIB = 1024 * 1024 * 1024;

export const DEFAULT_SCANNER_LIMITS: ScannerLimits = {
  maxBulkBytes: BOUNDS.maxConfigurableValueBytes,
  maxArguments: BOUNDS.maxArguments,
  maxInlineBytes: BOUNDS.maxInlineBytes,
  maxCommandBytes: GIB,
};

/** Redis's limits for clients that have not authenticated yet. */
const UNAUTHENTICATED_ARGUMENTS = 10;
const UNAUTHENTICATED_BULK_BYTES = 16384;

/** No valid bulk header has more digits; their value fits 31 bits. */
const MAX_LENGTH_DIGITS = 9;
/** `$0`, CRLF, CRLF: no argument is shorter. */
const MIN_ARGUMENT_BYTES = 6;
const INITIAL_ARGUMENTS = 64;

/** Where the scan of an incomplete command stopped, relative to the command's first byte. */
export interface ScanProgress {
  /** Position of the line that is read next. */
  readonly resumePosition: number;
  /** Arguments before that position. */
  readonly resumeIndex: number;
  /** Arguments that the command announced; 0 where that line itself is incomplete. */
  readonly resumeCount: number;
  /** Bytes of the line at resumePosition that are known to hold no line end. */
  readonly resumeSearched: number;
}

/** What a line yields that gives no length. */
const INCOMPLETE = -2;
const FAILED = -1;

/**
 * Finds the bounds of one command at a time in a client's bytes, with Redis 7.0's rules and error texts: as there,
 * the byte after a header's CR and the two after an argument are skipped unread, and a NUL hides a line's end.
 *
 * One scanner serves every connection of a gateway: it keeps nothing between commands but its result, and after
 * warm-up it allocates nothing. The result fields are those of a `Request` of the commands lib, valid until the
 * next scan and only as long as the scanned buffer is. A caller with the whole of its bytes at hand loops
 * `while ((n = scanner.scan(chunk, at, chunk.length)) > 0) { …; at += n }`; `feed` adds what chunks cut in pieces.
 */
export class RequestScanner implements ScanProgress {
  /** Holds the command: the scanned buffer, or an own one for inline commands. */
  buffer = NO_BYTES;
  /** Arguments, the command's name included; 0 for a blank line or an empty multibulk: nothing to execute. */
  count = 0;
  offsets: Int32Array = new Int32Array(INITIAL_ARGUMENTS);
  lengths: Int32Array = new Int32Array(INITIAL_ARGUMENTS);
  /** The command as a multibulk: a range of `buffer`. Meaningless where count is 0. */
  commandOffset = 0;
  commandLength = 0;
  /** After 0: the least number of bytes from the command's first one with which another scan gets further. */
  neededBytes = 0;
  /** After -1: what Redis would say, without `ERR `; one char per byte. The connection is to be closed after it. */
  errorText = '';

  resumePosition = 0;
  resumeIndex = 0;
  resumeCount = 0;
  resumeSearched = 0;

  private readonly limits: ScannerLimits;
  private readonly inline = new InlineSplitter();
  private isAuthenticated = true;
  private bulkLimit: number;
  private searchedPosition = -1;
  private searchedBytes = 0;

  constructor(limits: Partial<ScannerLimits> = {}) {
    this.limits = { ...DEFAULT_SCANNER_LIMITS, ...limits };
    assert(this.limits.maxArguments >= 16, 'a scanner accepts at least 16 arguments');
    assert(this.limits.maxBulkBytes < 10 ** MAX_LENGTH_DIGITS, 'a bulk length has few digits');
    assert(this.limits.maxCommandBytes <= GIB, 'positions must fit 32 bits');
    this.bulkLimit = this.limits.maxBulkBytes;
  }

  get authenticated(): boolean {
    return this.isAuthenticated;
  }

  /** Set before a connection's bytes are scanned, and when AUTH changes it. */
  set authenticated(value: boolean) {
    this.isAuthenticated = value;
    const { maxBulkBytes } = this.limits;
    this.bulkLimit = value ? maxBulkBytes : Math.min(maxBulkBytes, UNAUTHENTICATED_BULK_BYTES);
  }

  /**
   * Scans the command that begins at `offset`: answers how many bytes it took, 0 where it is incomplete (see
   * neededBytes), -1 where it breaks the protocol (see errorText).
   */
  scan(buffer: Uint8Array, offset: number, end: number): number {
    if (offset + 4 <= end && buffer[offset] === STAR && buffer[offset + 2] === CR) {
      const count = buffer[offset + 1] - ZERO;
      if (count > 0 && count <= 9) return this.scanArguments(buffer, offset, offset + 4, 0, count, end);
    }
    return this.scanOther(buffer, offset, end);
  }

  /**
   * Goes on with a command whose earlier scan answered 0 and left `progress`. `offset` is the command's first byte
   * again, and the bytes until then are the same. Costs no more than the new bytes, until the command is complete:
   * then its arguments are recorded in one more pass, since other connections have used the arrays.
   */
  resume(buffer: Uint8Array, offset: number, end: number, progress: ScanProgress): number {
    const { resumeIndex, resumeCount, resumePosition } = progress;
    this.searchedPosition = resumePosition;
    this.searchedBytes = progress.resumeSearched;
    let taken =
      resumeCount === 0
        ? this.scanOther(buffer, offset, end)
        : this.scanArguments(buffer, offset, offset + resumePosition, resumeIndex, resumeCount, end);
    this.searchedPosition = -1;
    if (taken > 0 && resumeIndex > 0) taken = this.scan(buffer, offset, end);
    return taken;
  }

  private scanArguments(
    buffer: Uint8Array,
    offset: number,
    position: number,
    index: number,
    count: number,
    end: number,
  ): number {
    if (count > this.offsets.length) this.makeRoom(count, index, end - position);
    const { offsets, lengths, bulkLimit } = this;
    let at = position;
    for (let i = index; i < count; i++) {
      let cursor = at + 1;
      const stop = Math.min(cursor + MAX_LENGTH_DIGITS, end - 1);
      let length = 0;
      while (cursor < stop) {
        const digit = buffer[cursor] - ZERO;
        if (digit >>> 0 > 9) break;
        length = length * 10 + digit;
        cursor++;
      }
      const plain =
        cursor < end - 1 &&
        buffer[cursor] === CR &&
        buffer[at] === DOLLAR &&
        length <= bulkLimit &&
        (cursor === at + 2 || (cursor > at + 2 && buffer[at + 1] !== ZERO));
      if (!plain) return this.refuseBulkHeader(buffer, offset, at, i, count, end);
      cursor += 2;
      const next = cursor + length + 2;
      if (next > end) {
        this.stopAt(offset, at, i, count, next - offset, 0);
        return this.incompleteOrFailed();
      }
      offsets[i] = cursor;
      lengths[i] = length;
      at = next;
    }
    this.buffer = buffer;
    this.count = count;
    this.commandOffset = offset;
    this.commandLength = at - offset;
    return at - offset;
  }

  /** All but the fast path: inline commands, counts of several digits, empty and broken ones. */
  private scanOther(buffer: Uint8Array, offset: number, end: number): number {
    if (offset >= end) {
      this.stopAt(offset, offset, 0, 0, 1, 0);
      return 0;
    }
    if (buffer[offset] !== STAR) return this.scanInline(buffer, offset, end);
    const line = this.findLine(buffer, offset, offset, 0, 0, end);
    if (line === FAILED) return this.fail('too big mbulk count string');
    if (line === INCOMPLETE) return this.incompleteOrFailed();
    const count = lineNumber(buffer, offset + 1, line);
    if (!(count <= this.limits.maxArguments)) return this.fail('invalid multibulk length');
    if (count > UNAUTHENTICATED_ARGUMENTS && !this.isAuthenticated)
      return this.fail('unauthenticated multibulk length');
    if (count > 0) return this.scanArguments(buffer, offset, line + 2, 0, count, end);
    this.buffer = buffer;
    this.count = 0;
    return line + 2 - offset;
  }

  private scanInline(buffer: Uint8Array, offset: number, end: number): number {
    const line = this.findLine(buffer, offset, offset, 0, 0, end, LF);
    if (line === FAILED) return this.fail('too big inline request');
    if (line === INCOMPLETE) return this.incompleteOrFailed();
    const lineEnd = line > offset && buffer[line - 1] === CR ? line - 1 : line;
    const count = this.inline.split(buffer, offset, lineEnd);
    if (count < 0) return this.fail('unbalanced quotes in request');
    if (count > this.limits.maxArguments) return this.fail('invalid multibulk length');
    this.count = count;
    if (count > 0) {
      if (count > this.offsets.length) this.makeRoom(count, 0, lineEnd * MIN_ARGUMENT_BYTES);
      this.inline.encode(count, this.offsets, this.lengths);
      this.buffer = this.inline.multibulk.buffer;
      this.commandOffset = 0;
      this.commandLength = this.inline.multibulk.length;
    }
    return line + 1 - offset;
  }

  /** What is wrong with a `$N` line that the fast path did not take: answers 0 where it is merely incomplete. */
  private refuseBulkHeader(
    buffer: Uint8Array,
    offset: number,
    at: number,
    index: number,
    count: number,
    end: number,
  ): number {
    const line = this.findLine(buffer, offset, at, index, count, end);
    if (line === FAILED) return this.fail('too big bulk count string');
    if (line === INCOMPLETE) return this.incompleteOrFailed();
    if (buffer[at] !== DOLLAR) {
      const char = buffer[at] === CR || buffer[at] === LF ? ' ' : String.fromCharCode(buffer[at]);
      return this.fail(`expected '$', got '${char}'`);
    }
    const length = lineNumber(buffer, at + 1, line);
    const isTooEarly = length > this.bulkLimit && length <= this.limits.maxBulkBytes;
    return this.fail(isTooEarly ? 'unauthenticated bulk length' : 'invalid bulk length');
  }

  /**
   * Where the line at `at` ends. A header ends with CR and a byte after it, an inline command with LF.
   * INCOMPLETE (with the progress noted) where the end has not arrived, FAILED where it comes too late.
   */
  private findLine(
    buffer: Uint8Array,
    offset: number,
    at: number,
    index: number,
    count: number,
    end: number,
    terminator = CR,
  ): number {
    const longest = this.limits.maxInlineBytes + 1;
    const limit = Math.min(end, at + longest);
    let cursor = at + (at - offset === this.searchedPosition ? this.searchedBytes : 0);
    while (cursor < limit && buffer[cursor] !== terminator && buffer[cursor] !== NUL) cursor++;
    const isFound = cursor < limit && buffer[cursor] === terminator;
    if (isFound && (terminator === LF || cursor + 1 < end)) return cursor;
    if (!isFound && end - at >= longest) return FAILED;
    const hasNul = cursor < limit && !isFound;
    this.stopAt(offset, at, index, count, hasNul ? at + longest - offset : end + 1 - offset, cursor - at);
    return INCOMPLETE;
  }

  private stopAt(
    offset: number,
    at: number,
    index: number,
    count: number,
    neededBytes: number,
    searched: number,
  ): void {
    this.neededBytes = neededBytes;
    this.resumePosition = at - offset;
    this.resumeIndex = index;
    this.resumeCount = count;
    this.resumeSearched = searched;
  }

  /** Refuses a command that would exceed the limit before its bytes are held. */
  private incompleteOrFailed(): number {
    return this.neededBytes > this.limits.maxCommandBytes ? this.fail('too big request') : 0;
  }

  private fail(reason: string): -1 {
    this.errorText = `Protocol error: ${reason}`;
    return FAILED;
  }

  /** Grows the result arrays for what may lie in `availableBytes`, never for what a header merely announces. */
  private makeRoom(count: number, index: number, availableBytes: number): void {
    const needed = Math.min(count, index + Math.floor(Math.max(0, availableBytes) / MIN_ARGUMENT_BYTES) + 1);
    if (needed <= this.offsets.length) return;
    const capacity = Math.max(needed, this.offsets.length * 2);
    this.offsets = new Int32Array(capacity);
    this.lengths = new Int32Array(capacity);
  }
}

/** NaN where the range is no integer. */
function lineNumber(buffer: Uint8Array, offset: number, end: number): number {
  const value = parseInt64(buffer, offset, end - offset);
  return value === undefined ? Number.NaN : Number(value);
}
