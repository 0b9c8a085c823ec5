/**
 * What may stand in a log line. Details come from settings, errors and clients, so whatever looks like a secret is
 * replaced by its name, and depth, breadth and length are bounded: one line never becomes a dump.
 */
const REDACTED = '[redacted]';
const MAX_DEPTH = 5;
const MAX_ENTRIES = 64;
const MAX_TEXT_CHARS = 2_048;

/** Field names that hold secrets; `tokensPerSecond` or `keyBytes` are none. */
const SECRET_NAME =
  /passw(or)?d|passphrase|secret|credential|authorization|cookie|(^|[-_a-z])(api|private)[-_]?key|(auth|pass|tokens?|jwt|nkey)$/i;
/** `user:password@` in a URL. */
const URL_SECRET = /\/\/[^/@\s]*@/g;

export function safeText(text: string): string {
  const masked = text.replace(URL_SECRET, `//${REDACTED}@`);
  return masked.length <= MAX_TEXT_CHARS ? masked : `${masked.slice(0, MAX_TEXT_CHARS)}…`;
}

/** A copy of `value` that JSON can carry, without secrets. */
export function safeDetails(value: unknown, depth = 0): unknown {
  switch (typeof value) {
    case 'string':
      return safeText(value);
    case 'bigint':
      return value.toString();
    case 'object':
      return value === null ? null : safeObject(value, depth);
    case 'function':
    case 'symbol':
      return String(typeof value);
    default:
      return value;
  }
}

function safeObject(value: object, depth: number): unknown {
  if (value instanceof Error) return safeError(value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (depth >= MAX_DEPTH) return '[…]';
  if (Array.isArray(value)) return value.slice(0, MAX_ENTRIES).map((entry) => safeDetails(entry, depth + 1));
  const safe: Record<string, unknown> = {};
  for (const [name, entry] of Object.entries(value).slice(0, MAX_ENTRIES)) {
    safe[name] = SECRET_NAME.test(name) ? REDACTED : safeDetails(entry, depth + 1);
  }
  return safe;
}

/** `{name, message, stack}` of an error, and `{message}` of anything else that was thrown. */
export function safeError(error: unknown): { name?: string; message: string; stack?: string } {
  if (!(error instanceof Error)) return { message: safeText(String(error)) };
  const { name, message, stack } = error;
  return { name, message: safeText(message), ...(stack !== undefined && { stack: safeText(stack) }) };
}
