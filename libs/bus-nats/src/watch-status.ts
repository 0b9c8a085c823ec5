import { errors, type NatsConnection } from '@nats-io/transport-node';
import type { BusStatus } from '#libs/ports';
import type { NatsErrorKind } from './nats-options.js';

export interface StatusListener {
  onStatus(status: BusStatus): void;
  onError(kind: NatsErrorKind, error: unknown): void;
}

/** Follows the connection until it is closed, and says what it does in the port's words. */
export function watchStatus(connection: NatsConnection, listener: StatusListener): void {
  void follow(connection, listener);
  void connection.closed().then(() => listener.onStatus('closed'));
}

async function follow(connection: NatsConnection, listener: StatusListener): Promise<void> {
  for await (const status of connection.status()) {
    switch (status.type) {
      case 'disconnect':
        listener.onStatus('disconnected');
        break;
      case 'reconnect':
        listener.onStatus('connected');
        break;
      case 'staleConnection':
        listener.onError('stale-connection', new Error('the server does not answer pings'));
        break;
      case 'error':
        listener.onError(kindOf(status.error), status.error);
        break;
    }
  }
}

export function kindOf(error: Error): NatsErrorKind {
  if (error instanceof errors.PermissionViolationError) return 'permission';
  if (isAuthorizationError(error)) return 'authorization';
  return /slow consumer/i.test(error.message) ? 'slow-consumer' : 'server';
}

export function isAuthorizationError(error: unknown): boolean {
  return error instanceof errors.AuthorizationError || error instanceof errors.UserAuthenticationExpiredError;
}
