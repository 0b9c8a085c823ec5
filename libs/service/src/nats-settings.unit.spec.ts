import { NatsConfig } from '#libs/config';
import { natsOptions } from './nats-settings.js';

function given(change: (nats: NatsConfig) => void): ReturnType<typeof natsOptions> {
  const nats = new NatsConfig();
  change(nats);
  return natsOptions(nats);
}

describe('the settings of NATS', () => {
  it('asks for neither credentials nor TLS by default', () => {
    const options = given(() => undefined);
    expect(options).toMatchObject({
      servers: ['nats://127.0.0.1:4222'],
      connectTimeoutMs: 30_000,
      attemptTimeoutMs: 5_000,
    });
    expect(options).not.toHaveProperty('credentials');
    expect(options).not.toHaveProperty('tls');
  });

  it('takes each way to authenticate', () => {
    const user = given((nats) => Object.assign(nats, { user: 'u', password: 'p' }));
    expect(user.credentials).toEqual({ kind: 'user', user: 'u', password: 'p' });
    expect(given((nats) => (nats.token = 't')).credentials).toEqual({ kind: 'token', token: 't' });
    expect(given((nats) => (nats.credsFile = 'c')).credentials).toEqual({ kind: 'creds-file', credsFile: 'c' });
    expect(given((nats) => (nats.nkeySeedFile = 'n')).credentials).toEqual({ kind: 'nkey-file', seedFile: 'n' });
  });

  it('is TLS where any of it is set', () => {
    expect(given((nats) => (nats.tls.enabled = true)).tls).toEqual({});
    expect(given((nats) => (nats.tls.caFile = 'ca')).tls).toEqual({ caFile: 'ca' });
    const pair = given((nats) => Object.assign(nats.tls, { certFile: 'c', keyFile: 'k', handshakeFirst: true }));
    expect(pair.tls).toEqual({ certFile: 'c', keyFile: 'k', handshakeFirst: true });
  });
});
