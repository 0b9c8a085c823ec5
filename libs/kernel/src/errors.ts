/**
 * The one table of expected failures: what a Redis client, a REST client and a retry loop see of each.
 * `docs/reference/errors.md` lists the same rows; a test compares the two.
 */
export interface ErrorRow {
  /** First word of the RESP error. */
  readonly prefix: string;
  /** Default text after the prefix. */
  readonly text: string;
  readonly httpStatus: number;
  /** True where nothing was executed, so that the same request may be sent again. */
  readonly retriable: boolean;
}

export const ERRORS = {
  SYNTAX: { prefix: 'ERR', text: 'syntax error', httpStatus: 400, retriable: false },
  NOT_AN_INTEGER: { prefix: 'ERR', text: 'value is not an integer or out of range', httpStatus: 400, retriable: false },
  NOT_A_FLOAT: { prefix: 'ERR', text: 'value is not a valid float', httpStatus: 400, retriable: false },
  OVERFLOW: { prefix: 'ERR', text: 'increment or decrement would overflow', httpStatus: 400, retriable: false },
  NAN_OR_INFINITY: {
    prefix: 'ERR',
    text: 'increment would produce NaN or Infinity',
    httpStatus: 400,
    retriable: false,
  },
  NO_SUCH_KEY: { prefix: 'ERR', text: 'no such key', httpStatus: 404, retriable: false },
  STRING_TOO_LONG: {
    prefix: 'ERR',
    text: 'string exceeds maximum allowed size (proto-max-bulk-len)',
    httpStatus: 413,
    retriable: false,
  },
  WRONG_TYPE: {
    prefix: 'WRONGTYPE',
    text: 'Operation against a key holding the wrong kind of value',
    httpStatus: 409,
    retriable: false,
  },
  CROSS_SLOT: {
    prefix: 'CROSSSLOT',
    text: "Keys in request don't hash to the same slot",
    httpStatus: 400,
    retriable: false,
  },
  NO_AUTH: { prefix: 'NOAUTH', text: 'Authentication required.', httpStatus: 401, retriable: false },
  WRONG_PASS: {
    prefix: 'WRONGPASS',
    text: 'invalid username-password pair or user is disabled.',
    httpStatus: 401,
    retriable: false,
  },
  NO_PROTO: { prefix: 'NOPROTO', text: 'unsupported protocol version', httpStatus: 400, retriable: false },
  OUT_OF_MEMORY: {
    prefix: 'OOM',
    text: "command not allowed when used memory > 'maxmemory'.",
    httpStatus: 507,
    retriable: true,
  },
  ENTRY_TOO_LARGE: {
    prefix: 'OOM',
    text: 'the entry is too large for its store',
    httpStatus: 413,
    retriable: false,
  },
  LOG_REFUSES: {
    prefix: 'MISCONF',
    text: 'the event log cannot be written, so writes are refused until it can',
    httpStatus: 503,
    retriable: true,
  },
  LOG_FAILED: {
    prefix: 'MISCONF',
    text: 'the event log could not be written; whether this took effect is unknown',
    httpStatus: 503,
    retriable: false,
  },
  UNKNOWN_STORE: { prefix: 'ERR', text: 'unknown store', httpStatus: 404, retriable: false },
  CLUSTER_DOWN: { prefix: 'CLUSTERDOWN', text: 'The cluster is down', httpStatus: 503, retriable: true },
  TRY_AGAIN: {
    prefix: 'TRYAGAIN',
    text: 'The partition is changing its owner, try again',
    httpStatus: 503,
    retriable: true,
  },
  TIMEOUT: {
    prefix: 'TIMEOUT',
    text: 'no answer from the storage node within the deadline; the outcome is unknown',
    httpStatus: 504,
    retriable: false,
  },
  BUSY: { prefix: 'BUSY', text: 'too many operations in flight', httpStatus: 503, retriable: true },
  PRECONDITION_FAILED: {
    prefix: 'PRECONDITION',
    text: 'the entry is not the expected version',
    httpStatus: 412,
    retriable: false,
  },
  INTERNAL: { prefix: 'ERR', text: 'internal error', httpStatus: 500, retriable: false },
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof ERRORS;

/** The RESP error line of a code, without `-` and CRLF. */
export function errorText(code: ErrorCode): string {
  const row = ERRORS[code];
  return `${row.prefix} ${row.text}`;
}
