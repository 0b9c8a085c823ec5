/**
 * Failures as RFC 9457 describes them (`application/problem+json`). Those that HyperCache's other faces know too come
 * from the kernel's table of errors; the rest belongs to HTTP and stands here. A problem never says more than a client
 * may know: what went wrong inside goes to the log.
 */
import { HttpException } from '@nestjs/common';
import { ERRORS, type ErrorCode } from '#libs/kernel';

export const PROBLEM_CONTENT_TYPE = 'application/problem+json';

interface HttpProblemRow {
  readonly status: number;
  readonly title: string;
  readonly retriable: boolean;
}

/** Failures of HTTP requests as such. */
const HTTP_PROBLEMS = {
  INVALID_REQUEST: { status: 400, title: 'The request is not valid', retriable: false },
  MALFORMED_JSON: { status: 400, title: 'The body is not JSON', retriable: false },
  UNAUTHORIZED: { status: 401, title: 'A valid bearer token is required', retriable: false },
  UNKNOWN_ROUTE: { status: 404, title: 'There is nothing at this path', retriable: false },
  UNKNOWN_NODE: { status: 404, title: 'There is no such node', retriable: false },
  METHOD_NOT_ALLOWED: { status: 405, title: 'The method is not allowed here', retriable: false },
  STORE_EXISTS: { status: 409, title: 'There is such a store already', retriable: false },
  CONFLICT: { status: 409, title: 'The cluster is not in a state for this', retriable: false },
  LIMIT_REACHED: { status: 409, title: 'There are as many as there may be', retriable: false },
  NOT_ACCEPTABLE: { status: 406, title: 'The value cannot be shown in the format asked for', retriable: false },
  BODY_TOO_LARGE: { status: 413, title: 'The body is too large', retriable: false },
  REPLY_TOO_LARGE: { status: 413, title: 'The reply would be too large', retriable: false },
  UNSUPPORTED_MEDIA_TYPE: {
    status: 415,
    title: 'The body has a type or an encoding that is not taken',
    retriable: false,
  },
  HTTP_ERROR: { status: 400, title: 'The request failed', retriable: false },
} as const satisfies Record<string, HttpProblemRow>;

/** What the kernel's table calls by its RESP text, for people who read HTTP. */
const TITLES: Partial<Record<ErrorCode, string>> = {
  UNKNOWN_STORE: 'There is no such store',
  NO_SUCH_KEY: 'There is no such key',
  PRECONDITION_FAILED: 'The entry is not the expected version',
  TIMEOUT: 'The storage node did not answer in time; the outcome is unknown',
  INTERNAL: 'Something failed inside HyperCache',
};

export type ProblemCode = ErrorCode | keyof typeof HTTP_PROBLEMS;

export interface FieldFault {
  readonly field: string;
  /** The value as given, shortened. */
  readonly value: string;
  readonly allowed: string;
}

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  /** True where nothing was executed, so that the same request may be sent again. */
  readonly retriable: boolean;
  readonly errors?: readonly FieldFault[];
  readonly correlation_id?: string;
}

export type ResponseHeaders = Readonly<Record<string, string>>;

/** Seconds after which a client may try again what was refused for a passing reason. */
const RETRY_AFTER_SECONDS = '1';

export class ProblemException extends HttpException {
  constructor(
    readonly problem: Problem,
    readonly headers: ResponseHeaders = {},
  ) {
    super(problem, problem.status);
  }
}

/** The problem of a code; `detail` says what this request had to do with it. */
export function problem(code: ProblemCode, detail: string, errors?: readonly FieldFault[]): Problem {
  const row = rowOf(code);
  const fields = { title: row.title, status: row.status, detail, code, retriable: row.retriable };
  return { type: problemType(code), ...fields, ...(errors ? { errors } : {}) };
}

export function failure(code: ProblemCode, detail: string, headers: ResponseHeaders = {}): ProblemException {
  const made = problem(code, detail);
  return new ProblemException(made, made.status === 503 ? { 'Retry-After': RETRY_AFTER_SECONDS, ...headers } : headers);
}

/** A 400 that names each field, what it held and what it may hold. */
export function invalid(faults: readonly FieldFault[]): ProblemException {
  const detail = faults.map((fault) => `${fault.field} is ${fault.value}; allowed: ${fault.allowed}`).join('. ');
  return new ProblemException(problem('INVALID_REQUEST', detail, faults));
}

export function invalidField(field: string, value: unknown, allowed: string): ProblemException {
  return invalid([{ field, value: shortened(value), allowed }]);
}

/** The problem of an HTTP status that neither table has a row for. */
export function problemOfStatus(status: number, detail: string): Problem {
  return { ...problem('HTTP_ERROR', detail), status, retriable: status === 503 };
}

const MAX_SHOWN_CHARS = 64;

/** A client's value as a message may repeat it; lists and objects, which may be deep, are only named. */
export function shortened(value: unknown): string {
  if (value === undefined) return 'missing';
  if (typeof value === 'string') {
    const text = JSON.stringify(value.slice(0, MAX_SHOWN_CHARS));
    return value.length > MAX_SHOWN_CHARS ? `${text}…` : text;
  }
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object';
  return String(value);
}

/** `NO_SUCH_KEY` as `urn:hypercache:error:no-such-key`: a name to compare, not an address to open. */
function problemType(code: ProblemCode): string {
  return `urn:hypercache:error:${code.toLowerCase().replaceAll('_', '-')}`;
}

function rowOf(code: ProblemCode): HttpProblemRow {
  if (code in HTTP_PROBLEMS) return HTTP_PROBLEMS[code as keyof typeof HTTP_PROBLEMS];
  const row = ERRORS[code as ErrorCode];
  return {
    status: row.httpStatus,
    title: TITLES[code as ErrorCode] ?? capitalised(row.text),
    retriable: row.retriable,
  };
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
