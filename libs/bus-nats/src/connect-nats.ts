import { setTimeout as wait } from 'node:timers/promises';
import { connect, type NatsConnection, type NodeConnectionOptions } from '@nats-io/transport-node';
import { clientOptions, messageOf, serverNames } from './client-options.js';
import { NatsBus } from './nats-bus.js';
import { NatsConnectError } from './nats-connect-error.js';
import { NATS_DEFAULTS, type NatsOptions } from './nats-options.js';
import { isAuthorizationError } from './watch-status.js';

/**
 * Connects for the first time: tries all servers again and again until one answers, `connectTimeoutMs` is over, or
 * one refuses the credentials. Fails with a {@link NatsConnectError}, whose message names the servers.
 */
export async function connectNats(options: NatsOptions): Promise<NatsBus> {
  const client = clientOptions(options);
  const limit = new AbortController();
  const timeoutMs = options.connectTimeoutMs ?? NATS_DEFAULTS.connectTimeoutMs;
  const timer = options.waitOnFirstConnect === true ? undefined : setTimeout(() => limit.abort(), timeoutMs);
  const signals = options.signal === undefined ? [limit.signal] : [limit.signal, options.signal];
  const ended = AbortSignal.any(signals);
  let lastError: unknown;
  try {
    while (!ended.aborted) {
      try {
        const connection = await unlessAborted(connect({ ...client }), ended);
        if (connection !== undefined) return await wrap(connection, options);
      } catch (error) {
        const isFirst = lastError === undefined;
        lastError = error;
        if (error instanceof NatsConnectError) throw error;
        if (isAuthorizationError(error)) throw unauthorized(options, error);
        if (isFirst && !ended.aborted) options.onError?.({ kind: 'unreachable', error });
        await waitBeforeRetry(client, ended);
      }
    }
  } finally {
    clearTimeout(timer);
  }
  if (options.signal?.aborted === true) {
    throw new NatsConnectError('aborted', `gave up connecting to NATS at ${serverNames(options)}`);
  }
  throw unreachable(options, timeoutMs, lastError);
}

async function wrap(connection: NatsConnection, options: NatsOptions): Promise<NatsBus> {
  try {
    return new NatsBus(connection, options);
  } catch (error) {
    await connection.close();
    throw new NatsConnectError('configuration', messageOf(error), { cause: error });
  }
}

/** The attempt's result, or nothing once aborted; a connection that comes too late is closed. */
function unlessAborted(attempt: Promise<NatsConnection>, ended: AbortSignal): Promise<NatsConnection | undefined> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => resolve(undefined);
    ended.addEventListener('abort', onAbort, { once: true });
    attempt.then(
      (connection) => {
        ended.removeEventListener('abort', onAbort);
        if (ended.aborted) void connection.close();
        else resolve(connection);
      },
      (error: unknown) => {
        ended.removeEventListener('abort', onAbort);
        reject(error instanceof Error ? error : new Error(String(error)));
      },
    );
  });
}

async function waitBeforeRetry(client: NodeConnectionOptions, ended: AbortSignal): Promise<void> {
  const jitterMs = Math.random() * (client.reconnectJitter ?? 0);
  await wait((client.reconnectTimeWait ?? 0) + jitterMs, undefined, { signal: ended }).catch(() => undefined);
}

function unauthorized(options: NatsOptions, cause: unknown): NatsConnectError {
  const message = `NATS at ${serverNames(options)} refused the credentials: ${messageOf(cause)}`;
  return new NatsConnectError('unauthorized', message, { cause });
}

function unreachable(options: NatsOptions, timeoutMs: number, cause: unknown): NatsConnectError {
  const why = cause === undefined ? 'no answer' : messageOf(cause);
  const message = `cannot connect to NATS at ${serverNames(options)} within ${timeoutMs} ms: ${why}`;
  return new NatsConnectError('unreachable', message, { cause });
}
