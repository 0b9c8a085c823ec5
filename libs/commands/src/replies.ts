import { ERRORS, errorText, latin1Bytes } from '#libs/kernel';
import type { ErrorCode } from '#libs/kernel';
import type { ReplyWriter } from '#libs/resp';
import type { Outcome } from './command.js';

/** What commands answer beyond the reply writer's own types: rows of the error table, and late headers. */

const ERROR_LINES = new Map<ErrorCode, Uint8Array>(
  (Object.keys(ERRORS) as ErrorCode[]).map((code) => [code, latin1Bytes(`-${errorText(code)}\r\n`)]),
);

/** Anything that holds a reply writer: a storage or a gateway context. */
interface Replying {
  readonly reply: ReplyWriter;
}

/** Answers a row of the error table. */
export function fail(context: Replying, code: ErrorCode): Outcome {
  context.reply.raw(ERROR_LINES.get(code)!);
  return 'done';
}

/** Answers an error that only one command has. */
export function failWith(context: Replying, text: string): Outcome {
  context.reply.error(text);
  return 'done';
}

/** Takes the bytes from `start` to `end` out of what was written: a reply that an error made void. */
export function dropReply(reply: ReplyWriter, start: number, end: number): void {
  reply.buffer.copyWithin(start, end, reply.length);
  reply.length -= end - start;
}

const MAX_HEADER_BYTES = 64;
const headerBytes = new Uint8Array(MAX_HEADER_BYTES);

/**
 * Moves what was written since `end` (a header of at most 64 bytes) in front of the bytes from `start` to `end`: for
 * replies whose count is only known once their elements are written.
 */
export function moveHeaderBefore(reply: ReplyWriter, start: number, end: number): void {
  const { buffer, length } = reply;
  const headerLength = length - end;
  if (headerLength > MAX_HEADER_BYTES) throw new RangeError('a header has at most 64 bytes');
  for (let i = 0; i < headerLength; i++) headerBytes[i] = buffer[end + i];
  buffer.copyWithin(start + headerLength, start, end);
  for (let i = 0; i < headerLength; i++) buffer[start + i] = headerBytes[i];
}
