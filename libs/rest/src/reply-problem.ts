import { ERRORS, type ErrorCode } from '#libs/kernel';
import type { RespError } from '#libs/resp';
import { failure, type ProblemException } from './problem.js';

const CODES = Object.keys(ERRORS) as ErrorCode[];

/** The first word of errors of which there are more than the table has. */
const GENERIC_PREFIX = 'ERR';

/**
 * An error reply as a problem, by the kernel's table: rows that share a prefix are told apart by their text. An ERR that no row describes is the command's way to refuse its
 * arguments; any other unknown prefix is a failure of our own.
 */
export function problemOfReply(error: RespError): ProblemException {
  const { code: prefix, message } = error;
  const text = message.slice(prefix.length + 1);
  return failure(codeOf(prefix, text), text === '' ? message : text);
}

function codeOf(prefix: string, text: string): ErrorCode {
  const rows = CODES.filter((code) => ERRORS[code].prefix === prefix);
  const named = rows.find((code) => text.startsWith(ERRORS[code].text));
  if (named !== undefined) return named;
  return prefix === GENERIC_PREFIX ? 'SYNTAX' : (rows[0] ?? 'INTERNAL');
}
