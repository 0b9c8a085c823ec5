import type { NatsCredentials, NatsOptions, NatsTlsOptions } from '#libs/bus-nats';
import type { NatsConfig, NatsTlsConfig } from '#libs/config';

/** The section `nats` as the adapter takes it. */
export function natsOptions(nats: NatsConfig): NatsOptions {
  const credentials = credentialsOf(nats);
  const tls = tlsOf(nats.tls);
  return {
    servers: nats.servers,
    connectTimeoutMs: nats.startupTimeoutMs,
    attemptTimeoutMs: nats.connectTimeoutMs,
    maxReconnectAttempts: nats.maxReconnectAttempts,
    reconnectWaitMs: nats.reconnectWaitMs,
    pingIntervalMs: nats.pingIntervalMs,
    ...(credentials !== undefined && { credentials }),
    ...(tls !== undefined && { tls }),
  };
}

function credentialsOf({ user, password, token, credsFile, nkeySeedFile }: NatsConfig): NatsCredentials | undefined {
  if (user !== '') return { kind: 'user', user, password };
  if (token !== '') return { kind: 'token', token };
  if (credsFile !== '') return { kind: 'creds-file', credsFile };
  return nkeySeedFile === '' ? undefined : { kind: 'nkey-file', seedFile: nkeySeedFile };
}

function tlsOf({ enabled, caFile, certFile, keyFile, handshakeFirst }: NatsTlsConfig): NatsTlsOptions | undefined {
  if (!enabled && !handshakeFirst && caFile === '' && certFile === '') return undefined;
  return {
    ...(caFile !== '' && { caFile }),
    ...(certFile !== '' && { certFile }),
    ...(keyFile !== '' && { keyFile }),
    ...(handshakeFirst && { handshakeFirst }),
  };
}
