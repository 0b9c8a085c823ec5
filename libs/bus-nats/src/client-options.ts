import { readFileSync } from 'node:fs';
import {
  credsAuthenticator,
  nkeyAuthenticator,
  tokenAuthenticator,
  usernamePasswordAuthenticator,
  type Authenticator,
  type NodeConnectionOptions,
} from '@nats-io/transport-node';
import { NatsConnectError } from './nats-connect-error.js';
import { NATS_DEFAULTS, type NatsCredentials, type NatsOptions, type NatsTlsOptions } from './nats-options.js';

/** Turns our options into the client library's, after checking what can be checked without a connection. */
export function clientOptions(options: NatsOptions): NodeConnectionOptions {
  if (options.servers.length === 0) throw new NatsConnectError('configuration', 'no NATS server is configured');
  const urls = options.servers.map(splitUrl);
  const credentials = options.credentials ?? urls.find((url) => url.credentials !== undefined)?.credentials;
  const result: NodeConnectionOptions = {
    servers: urls.map((url) => url.server),
    name: options.name ?? NATS_DEFAULTS.name,
    timeout: options.attemptTimeoutMs ?? NATS_DEFAULTS.attemptTimeoutMs,
    reconnect: true,
    maxReconnectAttempts: options.maxReconnectAttempts ?? NATS_DEFAULTS.maxReconnectAttempts,
    reconnectTimeWait: options.reconnectWaitMs ?? NATS_DEFAULTS.reconnectWaitMs,
    reconnectJitter: options.reconnectJitterMs ?? NATS_DEFAULTS.reconnectJitterMs,
    reconnectJitterTLS: options.reconnectJitterMs ?? NATS_DEFAULTS.reconnectJitterMs,
    pingInterval: options.pingIntervalMs ?? NATS_DEFAULTS.pingIntervalMs,
    maxPingOut: options.maxPingsOut ?? NATS_DEFAULTS.maxPingsOut,
    // A server that refuses the credentials for a while (its own restart, a rotation) must not end the process's bus.
    ignoreAuthErrorAbort: true,
    noAsyncTraces: true,
  };
  if (credentials !== undefined) result.authenticator = authenticatorOf(credentials);
  if (options.tls !== undefined) {
    checkTls(options.tls);
    result.tls = options.tls;
  }
  return result;
}

/** The servers as they may stand in a message: without passwords. */
export function serverNames(options: NatsOptions): string {
  return options.servers.map((url) => splitUrl(url).server).join(', ');
}

interface ServerUrl {
  readonly server: string;
  readonly credentials: NatsCredentials | undefined;
}

/** The client library does not read `user:password@`; it must not even see it. */
function splitUrl(url: string): ServerUrl {
  const at = url.lastIndexOf('@');
  if (at < 0) return { server: url, credentials: undefined };
  const scheme = /^[a-z]+:\/\//i.exec(url)?.[0] ?? '';
  const server = scheme + url.slice(at + 1);
  const [user, ...password] = url.slice(scheme.length, at).split(':');
  if (password.length === 0) return { server, credentials: { kind: 'token', token: unescape(user) } };
  return { server, credentials: { kind: 'user', user: unescape(user), password: unescape(password.join(':')) } };
}

function unescape(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function authenticatorOf(credentials: NatsCredentials): Authenticator {
  switch (credentials.kind) {
    case 'user':
      return usernamePasswordAuthenticator(credentials.user, credentials.password);
    case 'token':
      return tokenAuthenticator(credentials.token);
    case 'nkey':
      return checked('nkey seed', nkeyAuthenticator(new TextEncoder().encode(credentials.seed)));
    case 'nkey-file':
      return checked('nkey seed', nkeyAuthenticator(renewedFile(credentials.seedFile, trimmed)));
    case 'creds-file':
      return checked('credentials file', credsAuthenticator(renewedFile(credentials.credsFile, (bytes) => bytes)));
  }
}

/** A malformed seed or file is found now, not in the middle of a handshake. */
function checked(what: string, authenticator: Authenticator): Authenticator {
  try {
    authenticator('nonce');
  } catch (error) {
    throw new NatsConnectError('configuration', `the ${what} for NATS is malformed: ${messageOf(error)}`, {
      cause: error,
    });
  }
  return authenticator;
}

/** Reads the file at every use; a file that is just being replaced keeps its last content. */
function renewedFile(path: string, convert: (bytes: Uint8Array) => Uint8Array): () => Uint8Array {
  let content = convert(readConfigured(path));
  return () => {
    try {
      content = convert(readFileSync(path));
    } catch {
      return content;
    }
    return content;
  };
}

function trimmed(bytes: Uint8Array): Uint8Array {
  return new TextEncoder().encode(new TextDecoder().decode(bytes).trim());
}

function checkTls(tls: NatsTlsOptions): void {
  for (const path of [tls.caFile, tls.certFile, tls.keyFile]) if (path !== undefined) readConfigured(path);
}

function readConfigured(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new NatsConnectError('configuration', `cannot read ${path} for NATS: ${messageOf(error)}`, { cause: error });
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
