export { connectNats } from './connect-nats.js';
export { NatsBus } from './nats-bus.js';
export { NatsConnectError, type NatsConnectErrorReason } from './nats-connect-error.js';
export { NatsConnections } from './nats-connections.js';
export {
  NATS_DEFAULTS,
  type NatsBusError,
  type NatsCredentials,
  type NatsErrorKind,
  type NatsOptions,
  type NatsTlsOptions,
} from './nats-options.js';
