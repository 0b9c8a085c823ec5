// REST as a plain HTTP client sees it.

const REST_LIMIT_MS = 10_000;

export interface RestAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** @param path below /api/v1/ */
export async function rest(
  httpPort: number,
  method: string,
  path: string,
  request: { readonly body?: string; readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<RestAnswer> {
  const response = await fetch(`http://127.0.0.1:${httpPort}/api/v1/${path}`, {
    method,
    signal: AbortSignal.timeout(REST_LIMIT_MS),
    // A connection of its own each time: a server that was started again must not meet one that the old one had.
    headers: { connection: 'close', ...request.headers },
    ...(request.body !== undefined && { body: request.body }),
  });
  return { status: response.status, headers: response.headers, body: await response.text() };
}

export const keyPath = (key: string): string => `stores/default/keys/${encodeURIComponent(key)}`;
