import type { ClientSocketHandler } from '#libs/ports';

/** PEM text, as the files hold it. */
export interface RespListenerTls {
  readonly key: string | Buffer;
  readonly cert: string | Buffer;
  /** With it, clients must present a certificate that this authority has signed. */
  readonly clientCa?: string | Buffer;
}

export interface RespListenerOptions<Session> {
  readonly host: string;
  /** 0 picks a free one; `start` answers it. */
  readonly port: number;
  readonly handler: ClientSocketHandler<Session>;
  readonly maxClients: number;
  /** Idle time before the kernel probes whether a client is still there; 0: never. */
  readonly keepAliveMs: number;
  /** A connection without a byte in either direction for this long is closed; 0: never. */
  readonly idleTimeoutMs: number;
  readonly tls?: RespListenerTls;
  /** Bytes that a connection whose reading is paused may still take in. */
  readonly highWaterBytes: number;
  /**
   * Whether the session owes its client nothing: asked before a connection is ended at shutdown, or after the client
   * has ended its side. By default a connection is idle when something was written since its last input, twice in
   * a row.
   */
  readonly isIdle?: (session: Session) => boolean;
  /** A handler threw: a defect. Its connection is closed and the others go on; without this the error is thrown. */
  readonly onHandlerError?: (error: unknown, remoteAddress: string) => void;
}

/** Options that may change while the listener is open. */
export type ListenerTuning = Pick<RespListenerOptions<unknown>, 'maxClients' | 'keepAliveMs' | 'idleTimeoutMs'>;

/** Counters since the start, for metrics. */
export interface ListenerTraffic {
  bytesIn: number;
  bytesOut: number;
  accepted: number;
  /** Connections over `maxClients`. */
  refused: number;
  /** Closed because of `idleTimeoutMs`. */
  timedOut: number;
  /** TLS handshakes that failed. */
  failedHandshakes: number;
  /** The system refused to accept, mostly for want of file descriptors. */
  failedAccepts: number;
}
