import {
  BooleanSetting,
  IntegerSetting,
  MillisecondsSetting,
  SectionOf,
  TextListSetting,
  TextSetting,
} from './setting-types.js';

/** TLS towards NATS; it is on when any of these is set or a server's address begins with `tls://`. */
export class NatsTlsConfig {
  @BooleanSetting({ doc: 'Insist on TLS.' })
  enabled = false;

  @TextSetting({
    doc: 'PEM file of the authorities that may sign the server certificate.',
    defaultText: "the system's",
  })
  caFile = '';

  @TextSetting({ doc: 'PEM file of this client’s certificate.', defaultText: 'none' })
  certFile = '';

  @TextSetting({ doc: 'PEM file of the key of that certificate.', defaultText: 'none' })
  keyFile = '';

  @BooleanSetting({ doc: 'Begin with the TLS handshake, as servers with `handshake_first` want it.' })
  handshakeFirst = false;
}

/** The bus between the services. `standalone` does not use it. */
export class NatsConfig {
  @TextListSetting({
    doc: 'Servers of one NATS cluster; any that answers will do.',
    env: ['HC_NATS_SERVERS', 'NATS_URL'],
    flag: 'nats-servers',
    pattern: /^(?:(?:nats|tls):\/\/)?[^\s/@]+(?:@[^\s/@]+)?\/?$/,
    allowed: 'a list of addresses such as nats://host:4222',
    minLength: 1,
  })
  servers: readonly string[] = ['nats://127.0.0.1:4222'];

  @TextSetting({ doc: 'User name.', defaultText: 'none' })
  user = '';

  @TextSetting({ doc: 'Password of that user.', defaultText: 'none', secret: true })
  password = '';

  @TextSetting({ doc: 'Token, in place of user and password.', defaultText: 'none', secret: true })
  token = '';

  @TextSetting({ doc: 'Credentials file (JWT and seed) as `nsc` writes it.', defaultText: 'none' })
  credsFile = '';

  @TextSetting({ doc: 'File with the seed of an NKey.', defaultText: 'none' })
  nkeySeedFile = '';

  @SectionOf(NatsTlsConfig, 'TLS towards NATS')
  tls = new NatsTlsConfig();

  @MillisecondsSetting({ doc: 'Longest attempt to connect to one server.', min: 50, max: 600_000 })
  connectTimeoutMs = 5_000;

  @MillisecondsSetting({ doc: 'How long a starting service keeps trying to reach NATS before it gives up.', min: 0 })
  startupTimeoutMs = 30_000;

  @MillisecondsSetting({ doc: 'Pause between attempts to reconnect.', min: 10, max: 60_000 })
  reconnectWaitMs = 250;

  @IntegerSetting({ doc: 'Attempts to reconnect before the service gives up; -1 for ever.', min: -1, max: 1_000_000 })
  maxReconnectAttempts = -1;

  @MillisecondsSetting({ doc: 'How often an idle connection is checked.', min: 100, max: 600_000 })
  pingIntervalMs = 2_000;
}
