/** Settings that cannot be used: every fault as one line that names the path, the value and what is allowed. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  constructor(readonly lines: readonly string[]) {
    super(lines.join('\n'));
  }
}

/** Thrown in place of a configuration when `--help` or `--version` was asked for. */
export class HelpRequested extends Error {
  override readonly name = 'HelpRequested';
  constructor(readonly text: string) {
    super('help was asked for');
  }
}

/** `network.resp_port: "abc" is not allowed: use an integer from 0 to 65535 (HC_RESP_PORT)`. */
export function notAllowed(path: string, value: unknown, allowed: string, origin?: string): string {
  const where = origin === undefined ? '' : ` (${origin})`;
  if (value === undefined) return `${path}: is missing: use ${allowed}${where}`;
  return `${path}: ${show(value)} is not allowed: use ${allowed}${where}`;
}

const MAX_SHOWN_LENGTH = 80;

function show(value: unknown): string {
  const text = withoutCredentials(JSON.stringify(value) ?? String(value));
  return text.length > MAX_SHOWN_LENGTH ? `${text.slice(0, MAX_SHOWN_LENGTH)}…` : text;
}

/** Addresses may carry a user and a password: `nats://joe:secret@host` as `nats://***@host`. */
export function withoutCredentials(text: string): string {
  return text.replace(/(^|[\s,"]|\/\/)[^/@\s,"]+@/g, '$1***@');
}
