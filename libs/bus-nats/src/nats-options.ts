import { BOUNDS } from '#libs/kernel';

/** How a process proves who it is. Files are read again at every reconnect, so that renewed ones are taken up. */
export type NatsCredentials =
  | { readonly kind: 'user'; readonly user: string; readonly password: string }
  | { readonly kind: 'token'; readonly token: string }
  /** An nkey: the seed (`SU…`), or a file that holds it. */
  | { readonly kind: 'nkey'; readonly seed: string }
  | { readonly kind: 'nkey-file'; readonly seedFile: string }
  /** A `.creds` file: JWT and seed. */
  | { readonly kind: 'creds-file'; readonly credsFile: string };

/** Set, even when empty: the connection must be encrypted. Text is PEM; files are read again at every reconnect. */
export interface NatsTlsOptions {
  readonly ca?: string;
  readonly caFile?: string;
  readonly cert?: string;
  readonly certFile?: string;
  readonly key?: string;
  readonly keyFile?: string;
  /** For servers that expect TLS before their first protocol line. */
  readonly handshakeFirst?: boolean;
}

export type NatsErrorKind =
  /** The server refused a publish or a subscription. */
  | 'permission'
  /** The server refused the credentials, at a reconnect. */
  | 'authorization'
  /** The server ended the connection because this client read too slowly. */
  | 'slow-consumer'
  /** The server did not answer pings any more. */
  | 'stale-connection'
  /** Any other error that the server sent. */
  | 'server'
  /** A message that could not be sent because of its subject or headers. */
  | 'publish'
  /** A handler or callback threw. */
  | 'handler'
  /** The first attempt to connect failed; further ones follow and are not reported. */
  | 'unreachable'
  /** Closing did not go as it should. */
  | 'close';

/** Something that went wrong outside of any call. */
export interface NatsBusError {
  readonly kind: NatsErrorKind;
  readonly error: unknown;
  /** The subject that it is about, where known. */
  readonly subject?: string;
}

export interface NatsOptions {
  /** `nats://host:port` or `host:port`; user and password in the first URL serve where `credentials` is missing. */
  readonly servers: readonly string[];
  /** The connection's name in the server's monitoring. */
  readonly name?: string;
  readonly credentials?: NatsCredentials;
  readonly tls?: NatsTlsOptions;
  /** How long the first connection may take in total, over all servers and attempts. */
  readonly connectTimeoutMs?: number;
  /** How long one attempt may take, at a reconnect too. */
  readonly attemptTimeoutMs?: number;
  /** Wait for the first connection without a limit; wrong credentials still end it. */
  readonly waitOnFirstConnect?: boolean;
  /** Ends the wait for the first connection. */
  readonly signal?: AbortSignal;
  /** Attempts per server after a loss; -1 never gives up. */
  readonly maxReconnectAttempts?: number;
  readonly reconnectWaitMs?: number;
  /** Up to so much is added to each wait at random, so that the clients of a restarted server come spread out. */
  readonly reconnectJitterMs?: number;
  readonly pingIntervalMs?: number;
  /** Unanswered pings after which the connection counts as lost. */
  readonly maxPingsOut?: number;
  /** How long close may wait for what is on its way. */
  readonly closeTimeoutMs?: number;
  /** Bytes that wait to be written to the server; publish answers false beyond it. */
  readonly maxPendingBytes?: number;
  /** Requests without an outcome; more are refused. */
  readonly maxPendingRequests?: number;
  /** First part of the subjects that answers to requests come to; permissions may need one per user. */
  readonly inboxPrefix?: string;
  readonly onError?: (error: NatsBusError) => void;
}

export const NATS_DEFAULTS = {
  name: 'hypercache',
  connectTimeoutMs: 10_000,
  attemptTimeoutMs: 3_000,
  maxReconnectAttempts: -1,
  reconnectWaitMs: 250,
  reconnectJitterMs: 250,
  pingIntervalMs: 2_000,
  maxPingsOut: 2,
  closeTimeoutMs: 5_000,
  maxPendingBytes: BOUNDS.maxReconnectBufferBytes,
  maxPendingRequests: 16_384,
  inboxPrefix: '_INBOX',
} as const;
