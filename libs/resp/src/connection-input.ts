import { copyBytes } from '#libs/kernel';
import { NO_BYTES } from './protocol-bytes.js';
import type { RequestScanner, ScanProgress } from './request-scanner.js';

/** A buffer of this size is kept while empty, so that pipelines cut by chunk ends do not allocate each time. */
const KEPT_BYTES = 512;

/**
 * The bytes of one connection that wait: an incomplete command, or whole ones that must not be executed yet.
 * Idle it holds no buffer, or a small one. Its capacity follows the bytes that have arrived (at most twice as many,
 * at least 512), never a length that a header announces.
 *
 * The host bounds what it appends while it executes nothing: see heldBytes.
 */
export class ConnectionInput implements ScanProgress {
  resumePosition = 0;
  resumeIndex = 0;
  resumeCount = 0;
  resumeSearched = 0;
  private neededBytes = 1;
  private buffer = NO_BYTES;
  private start = 0;
  private end = 0;

  get heldBytes(): number {
    return this.end - this.start;
  }

  /** Bytes that must be appended before another scan can get further. */
  get missingBytes(): number {
    return Math.max(0, this.neededBytes - this.heldBytes);
  }

  get capacityBytes(): number {
    return this.buffer.length;
  }

  /** Bytes that can be appended without growing. */
  get roomBytes(): number {
    return this.buffer.length - this.end;
  }

  /** Keeps a copy of the rest of a chunk whose scan answered 0, and where it stopped. Nothing may be held before. */
  hold(
    scanner: ScanProgress & { readonly neededBytes: number },
    buffer: Uint8Array,
    offset: number,
    end: number,
  ): void {
    this.remember(scanner);
    this.append(buffer, offset, end);
  }

  /** Adds a copy of a range of bytes. */
  append(bytes: Uint8Array, offset = 0, end = bytes.length): void {
    const length = end - offset;
    if (length <= 0) return;
    if (length > this.roomBytes) this.makeRoom(length);
    copyBytes(bytes, offset, this.buffer, this.end, length);
    this.end += length;
  }

  /** As RequestScanner.scan, over the held bytes; a command found is no longer held, but valid until the next append. */
  scan(scanner: RequestScanner): number {
    if (this.heldBytes < this.neededBytes) return 0;
    const taken = scanner.resume(this.buffer, this.start, this.end, this);
    if (taken === 0) this.remember(scanner);
    if (taken <= 0) return taken;
    this.start += taken;
    this.forgetProgress();
    if (this.start === this.end) this.clear();
    return taken;
  }

  /** Drops what is held. */
  clear(): void {
    this.start = 0;
    this.end = 0;
    this.forgetProgress();
    if (this.buffer.length > KEPT_BYTES) this.buffer = NO_BYTES;
  }

  private remember(scanner: ScanProgress & { readonly neededBytes: number }): void {
    this.neededBytes = scanner.neededBytes;
    this.resumePosition = scanner.resumePosition;
    this.resumeIndex = scanner.resumeIndex;
    this.resumeCount = scanner.resumeCount;
    this.resumeSearched = scanner.resumeSearched;
  }

  private forgetProgress(): void {
    this.neededBytes = 1;
    this.resumePosition = 0;
    this.resumeIndex = 0;
    this.resumeCount = 0;
    this.resumeSearched = 0;
  }

  /** Moves the held bytes to the front, or to a larger buffer: each byte is moved a bounded number of times. */
  private makeRoom(extra: number): void {
    const held = this.heldBytes;
    const total = held + extra;
    if (total <= this.buffer.length && this.start >= held) {
      this.buffer.copyWithin(0, this.start, this.end);
    } else {
      const larger = new Uint8Array(this.capacityFor(total));
      larger.set(this.buffer.subarray(this.start, this.end));
      this.buffer = larger;
    }
    this.start = 0;
    this.end = held;
  }

  /**
   * Doubles, but stops at the end of an argument whose length is known and that makes up half of the command or more.
   * (For lesser ones that would mean a new buffer each, and quadratic copying.)
   */
  private capacityFor(total: number): number {
    const doubled = Math.max(KEPT_BYTES, total * 2);
    const argumentBytes = this.neededBytes - this.resumePosition;
    const isKnownEnd = this.neededBytes >= total && argumentBytes * 2 >= this.neededBytes;
    return isKnownEnd ? Math.min(doubled, Math.max(KEPT_BYTES, this.neededBytes)) : doubled;
  }
}

/**
 * Hands every complete command of a connection to `onCommand`, in order, and holds the rest. `onCommand` reads the
 * scanner's result and must not use the same scanner for other bytes; it answers false to stop after this command:
 * the bytes behind it stay held, and `feed` with an empty chunk goes on. Commands without arguments are skipped.
 *
 * Commands that lie whole in a chunk are never copied: of a chunk that completes a held command, only about the
 * missing bytes are. Sets nothing on the scanner: set `authenticated` before.
 *
 * Answers 'error' where the client broke the protocol: the text is in `scanner.errorText`, and the connection must
 * be closed after it.
 */
export function feed(
  input: ConnectionInput,
  scanner: RequestScanner,
  chunk: Uint8Array,
  onCommand: (scanner: RequestScanner) => boolean,
): 'ok' | 'error' {
  let at = 0;
  while (input.heldBytes > 0) {
    const taken = input.scan(scanner);
    if (taken < 0) return 'error';
    if (taken === 0) {
      if (at === chunk.length) return 'ok';
      const wanted = Math.max(input.missingBytes, input.roomBytes, input.heldBytes);
      const upTo = Math.min(chunk.length, at + wanted);
      input.append(chunk, at, upTo);
      at = upTo;
      continue;
    }
    if (input.heldBytes <= at) {
      at -= input.heldBytes;
      input.clear();
    }
    if (scanner.count > 0 && !onCommand(scanner)) {
      input.append(chunk, at);
      return 'ok';
    }
  }
  return feedDirectly(input, scanner, chunk, at, onCommand);
}

function feedDirectly(
  input: ConnectionInput,
  scanner: RequestScanner,
  chunk: Uint8Array,
  offset: number,
  onCommand: (scanner: RequestScanner) => boolean,
): 'ok' | 'error' {
  const end = chunk.length;
  let at = offset;
  let taken: number;
  while ((taken = scanner.scan(chunk, at, end)) > 0) {
    at += taken;
    if (scanner.count > 0 && !onCommand(scanner)) {
      input.append(chunk, at);
      return 'ok';
    }
  }
  if (taken < 0) return 'error';
  if (at < end) input.hold(scanner, chunk, at, end);
  return 'ok';
}
