import type { NatsConnection } from '@nats-io/transport-node';

/**
 * The one look behind the client library's public face: it neither says how many bytes wait to be written nor, at
 * once, whether it is connected. Counting bytes up to the server's answers to pings would be public, but mistakes a
 * backlog of *incoming* messages (the answer waits behind them) for one of outgoing. The shape is checked at each
 * connect, so that an upgrade which changes it fails there and in the tests, not under load.
 */
export interface ClientInternals {
  readonly connected: boolean;
  /** Encoded and not yet handed to the socket. */
  readonly outbound: { size(): number };
  readonly transport: { readonly socket?: { readonly writableLength: number } | undefined };
}

export function clientInternals(connection: NatsConnection): ClientInternals {
  const internals = (connection as unknown as { protocol?: Partial<ClientInternals> }).protocol;
  if (
    typeof internals?.connected !== 'boolean' ||
    typeof internals.outbound?.size !== 'function' ||
    typeof internals.transport?.socket?.writableLength !== 'number'
  ) {
    throw new Error('this version of @nats-io/transport-node is not supported: its send buffer cannot be measured');
  }
  return internals as ClientInternals;
}

/** Bytes that were published and that the operating system has not taken yet. */
export function pendingBytes(internals: ClientInternals): number {
  return internals.outbound.size() + (internals.transport.socket?.writableLength ?? 0);
}
