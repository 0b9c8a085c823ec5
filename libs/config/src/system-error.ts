/** What the operating system said, as text: `ENOENT: no such file or directory`. Also of errors of another realm. */
export function reasonOf(error: unknown): string {
  const message = typeof error === 'object' && error !== null && 'message' in error ? error.message : error;
  return String(message).split(', ')[0];
}

/** `ENOENT`, `EADDRINUSE` and so on, where it is an error of the operating system. */
export function errorCode(error: unknown): string | undefined {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}
