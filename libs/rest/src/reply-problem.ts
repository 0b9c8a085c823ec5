import { ERRORS, type ErrorCode } from '#libs/kernel';
import type { RespError } from '#libs/resp';
import { failure, type ProblemException } from './problem.js';

const CODES = Object.keys(ERRORS) as ErrorCode[];

/** Rows that share the prefix ERR are told apart by their text; every other prefix belongs to one row. */
const GENERIC_PREFIX = 'ERR';

/**
 * An error reply as a problem, by the kernel's table. An ERR that no row describes is the command's way to refuse its
 * arguments; any other unknown prefix is a failure of our own.
 */
export function problemOfReply(error: RespError): ProblemException {
  const { code: prefix, message } = error;
  const text = message.slice(prefix.length + 1);
  return failure(codeOf(prefix, text), text === '' ? message : text);
}

function codeOf(prefix: string, text: string): ErrorCode {
  if (prefix !== GENERIC_PREFIX) return CODES.find((code) => ERRORS[code].prefix === prefix) ?? 'INTERNAL';
  const named = CODES.find((code) => ERRORS[code].prefix === GENERIC_PREFIX && text.startsWith(ERRORS[code].text));
  return named ?? 'SYNTAX';
}
