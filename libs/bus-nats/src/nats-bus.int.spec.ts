import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nkeys } from '@nats-io/transport-node';
import type { BusMessage, BusStatus, RequestOutcome } from '#libs/ports';
import { busContract } from '#libs/ports-contract';
import { startNatsServer, type NatsServer } from '../../../test/support/nats-server.js';
import { connectNats, NatsConnectError, NatsConnections, type NatsBusError, type NatsOptions } from './index.js';

const EMPTY = new Uint8Array(0);
const MAX_WAIT_MS = 15_000;
const QUICK: Partial<NatsOptions> = { reconnectWaitMs: 20, reconnectJitterMs: 10, pingIntervalMs: 100 };

/** Ended after each test, last first. */
const cleanups: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start(config?: string): Promise<NatsServer> {
  const server = await startNatsServer(config === undefined ? {} : { config });
  cleanups.push(() => server.stop());
  return server;
}

async function open(server: NatsServer, options: Partial<NatsOptions> = {}) {
  const errors: NatsBusError[] = [];
  const bus = await connectNats({
    ...QUICK,
    servers: [server.url],
    onError: (error) => errors.push(error),
    ...options,
  });
  cleanups.push(() => bus.close());
  const changes: BusStatus[] = [];
  bus.onStatus((status) => changes.push(status));
  return { bus, errors, changes };
}

async function until(condition: () => boolean, what = 'the condition'): Promise<void> {
  const start = performance.now();
  while (!condition()) {
    if (performance.now() - start > MAX_WAIT_MS) throw new Error(`${what} did not come about`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

async function failureOf(options: NatsOptions): Promise<NatsConnectError> {
  try {
    const bus = await connectNats(options);
    await bus.close();
  } catch (error) {
    expect(error).toBeInstanceOf(NatsConnectError);
    return error as NatsConnectError;
  }
  throw new Error('the connection was made');
}

let shared: NatsServer;
beforeAll(async () => {
  shared = await startNatsServer();
});
afterAll(() => shared.stop());

busContract({
  name: 'nats',
  create: async () => {
    const a = await connectNats({ servers: [shared.url], name: 'a' });
    const b = await connectNats({ servers: [shared.url], name: 'b' });
    return {
      a,
      b,
      // A message, its answer and the answer to that: each round takes one more step across the server.
      settle: async () => {
        for (let round = 0; round < 3; round++) {
          await a.flush();
          await b.flush();
        }
      },
      close: async () => {
        await a.close();
        await b.close();
      },
    };
  },
});

describe('nats bus: a server that goes away', () => {
  it('refuses while it is away, says so, and goes on with its subscriptions afterwards', async () => {
    const server = await start();
    const { bus, changes } = await open(server);
    const received: BusMessage[] = [];
    bus.subscribe('survivor.*', (message) => received.push(message));
    bus.subscribe('silent', () => undefined);
    await bus.flush();
    const outcomes: RequestOutcome[] = [];
    bus.request('silent', EMPTY, 300, (outcome) => outcomes.push(outcome));

    await server.stop();
    await until(() => bus.status === 'disconnected', 'the loss');
    expect(bus.publish('survivor.lost', EMPTY)).toBe(false);
    expect(bus.traffic.dropped).toBe(1);
    bus.request('survivor.lost', EMPTY, 1_000, (outcome) => outcomes.push(outcome));
    expect(outcomes).toHaveLength(0);
    bus.subscribe('made.while.away', (message) => received.push(message));
    const ended = bus.subscribe('survivor.*', () => received.push(received[0]));
    ended.unsubscribe();
    await until(() => outcomes.length === 2, 'the outcomes');
    expect(outcomes.map((outcome) => !outcome.ok && outcome.reason).sort()).toEqual(['disconnected', 'timeout']);

    await server.restart();
    await until(() => bus.status === 'connected', 'the reconnect');
    expect(bus.publish('survivor.back', EMPTY)).toBe(true);
    expect(bus.publish('made.while.away', EMPTY)).toBe(true);
    await bus.flush();
    expect(received.map((message) => message.subject)).toEqual(['survivor.back', 'made.while.away']);
    const again: RequestOutcome[] = [];
    bus.subscribe('service', (message) => bus.publish(message.replyTo ?? '', EMPTY));
    bus.request('service', EMPTY, 5_000, (outcome) => again.push(outcome));
    await until(() => again.length === 1, 'the answer');
    expect(again[0].ok).toBe(true);
    expect(changes).toEqual(['disconnected', 'connected']);
  });

  it('takes up the limits of the server that it reconnects to', async () => {
    const server = await start('max_payload: 100000');
    const { bus } = await open(server);
    expect(bus.maxPayloadBytes).toBe(100_000);
    expect(bus.publish('x', EMPTY, { headers: { name: 'v'.repeat(100_001) } })).toBe(false);
    expect(bus.publish('x', new Uint8Array(100_000))).toBe(true);
    expect(bus.publish('x', new Uint8Array(100_001))).toBe(false);
    await bus.flush();
    await server.restart('max_payload: 200000');
    await until(() => bus.status === 'connected' && bus.maxPayloadBytes === 200_000, 'the new limit');
    expect(bus.publish('x', new Uint8Array(150_000))).toBe(true);
    await bus.flush();
  });

  it('moves to another server of its list', async () => {
    const first = await start();
    const second = await start();
    const { bus } = await open(first, { servers: [first.url, second.url] });
    const connectedTo = bus.connection.getServer();
    const left = first.url.endsWith(connectedTo) ? first : second;
    await left.stop();
    await until(() => bus.status === 'disconnected', 'the loss');
    await until(() => bus.status === 'connected', 'the move');
    expect(bus.connection.getServer()).not.toBe(connectedTo);
  });

  it('bounds what waits for a server that does not read, notices it, and recovers', async () => {
    const server = await start();
    const { bus, errors } = await open(server, { maxPendingBytes: 1_000_000 });
    await server.freeze();
    const payload = new Uint8Array(50_000);
    let accepted = 0;
    while (bus.publish('nobody', payload)) {
      accepted++;
      expect(bus.pendingBytes).toBeLessThanOrEqual(1_000_000 + 100);
      if (accepted % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(bus.traffic.dropped).toBe(1);
    const outcomes: RequestOutcome[] = [];
    bus.request('nobody', payload, 1_000, (outcome) => outcomes.push(outcome));
    await until(() => outcomes.length === 1, 'the refusal');
    expect(outcomes).toEqual([{ ok: false, reason: 'disconnected' }]);
    await until(() => errors.some((error) => error.kind === 'stale-connection'), 'the notice');
    server.thaw();
    await until(() => bus.status === 'connected' && bus.publish('nobody', payload), 'the recovery');
    await bus.flush();
    expect(bus.pendingBytes).toBe(0);
  });

  it('ends as closed when it may not try again', async () => {
    const server = await start();
    const { bus, changes } = await open(server, { maxReconnectAttempts: 1 });
    await server.stop();
    await until(() => bus.status === 'closed', 'the end');
    expect(changes).toEqual(['disconnected', 'closed']);
    expect(bus.publish('x', EMPTY)).toBe(false);
  });
});

describe('nats bus: the first connection', () => {
  it('fails within its time with an error that names the servers, without their passwords', async () => {
    const server = await start();
    const port = server.port;
    await server.stop();
    const begin = performance.now();
    const error = await failureOf({
      ...QUICK,
      servers: [`nats://me:secret@127.0.0.1:${port}`, `127.0.0.1:${port}`],
      connectTimeoutMs: 200,
    });
    expect(performance.now() - begin).toBeLessThan(5_000);
    expect(error.reason).toBe('unreachable');
    expect(error.message).toContain(`nats://127.0.0.1:${port}, 127.0.0.1:${port} within 200 ms: connection refused`);
    expect(error.message).not.toContain('secret');
  });

  it('does not wait for something that accepts and stays silent', async () => {
    const accepted: Socket[] = [];
    const silent = createServer((socket) => accepted.push(socket.on('error', () => undefined)));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    cleanups.push(async () => {
      silent.close();
      for (const socket of accepted) socket.destroy();
    });
    const address = silent.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const error = await failureOf({
      servers: [`127.0.0.1:${port}`],
      connectTimeoutMs: 150,
      attemptTimeoutMs: 400,
    });
    expect(error.reason).toBe('unreachable');
    expect(error.message).toContain('no answer');
  });

  it('waits for a server that starts later', async () => {
    const server = await start();
    await server.stop();
    const opening = open(server, { waitOnFirstConnect: true, connectTimeoutMs: 1 });
    await server.restart();
    const { bus } = await opening;
    expect(bus.status).toBe('connected');
  });

  it('gives up waiting when told to', async () => {
    const server = await start();
    await server.stop();
    const abort = new AbortController();
    const failing = failureOf({ ...QUICK, servers: [server.url], waitOnFirstConnect: true, signal: abort.signal });
    setImmediate(() => abort.abort());
    expect((await failing).reason).toBe('aborted');
  });

  it('refuses an empty list of servers', async () => {
    expect((await failureOf({ servers: [] })).reason).toBe('configuration');
  });
});

describe('nats bus: credentials', () => {
  it('proves a user, from the options or the URL', async () => {
    const server = await start('authorization { user: me, password: "p:ss@1" }');
    await open(server, { credentials: { kind: 'user', user: 'me', password: 'p:ss@1' } });
    await open(server, { servers: [`nats://me:p%3Ass%401@127.0.0.1:${server.port}`] });
    const wrong = await failureOf({
      servers: [server.url],
      credentials: { kind: 'user', user: 'me', password: 'wrong' },
    });
    expect(wrong.reason).toBe('unauthorized');
    expect(wrong.message).toContain(`NATS at ${server.url} refused the credentials`);
    expect((await failureOf({ servers: [server.url] })).reason).toBe('unauthorized');
  });

  it('proves a token', async () => {
    const server = await start('authorization { token: abc }');
    await open(server, { credentials: { kind: 'token', token: 'abc' } });
    await open(server, { servers: [`nats://abc@127.0.0.1:${server.port}`] });
    const wrong = await failureOf({ servers: [server.url], credentials: { kind: 'token', token: 'x' } });
    expect(wrong.reason).toBe('unauthorized');
  });

  it('proves an nkey, from text or a file', async () => {
    const pair = nkeys.createUser();
    const seed = new TextDecoder().decode(pair.getSeed());
    const server = await start(`authorization { users: [ { nkey: ${pair.getPublicKey()} } ] }`);
    const folder = temporaryFolder();
    const seedFile = join(folder, 'seed.nk');
    writeFileSync(seedFile, `${seed}\n`);
    await open(server, { credentials: { kind: 'nkey', seed } });
    await open(server, { credentials: { kind: 'nkey-file', seedFile } });
    const other = new TextDecoder().decode(nkeys.createUser().getSeed());
    const wrong = await failureOf({ servers: [server.url], credentials: { kind: 'nkey', seed: other } });
    expect(wrong.reason).toBe('unauthorized');
  });

  it('says which file is missing or malformed before it connects', async () => {
    const folder = temporaryFolder();
    const missing = join(folder, 'none.creds');
    const error = await failureOf({
      servers: [shared.url],
      credentials: { kind: 'creds-file', credsFile: missing },
    });
    expect(error.reason).toBe('configuration');
    expect(error.message).toContain(missing);
    const malformed = join(folder, 'malformed.creds');
    writeFileSync(malformed, 'nothing of use');
    for (const credentials of [
      { kind: 'creds-file', credsFile: malformed },
      { kind: 'nkey', seed: 'nothing of use' },
    ] as const) {
      const refused = await failureOf({ servers: [shared.url], credentials });
      expect(refused.reason).toBe('configuration');
      expect(refused.message).toContain('malformed');
    }
  });

  it('keeps trying when a server refuses them at a reconnect', async () => {
    const right = 'authorization { token: abc }';
    const server = await start(right);
    const { bus, errors } = await open(server, { credentials: { kind: 'token', token: 'abc' } });
    await server.restart('authorization { token: other }');
    await until(() => errors.filter((error) => error.kind === 'authorization').length >= 3, 'the refusals');
    expect(bus.status).toBe('disconnected');
    await server.restart(right);
    await until(() => bus.status === 'connected', 'the reconnect');
  });

  it('reports subjects that the user may not use', async () => {
    const server = await start(
      'authorization { users: [ { user: u, password: p, permissions: { publish: "yes.>", subscribe: "yes.>" } } ] }',
    );
    const { bus, errors } = await open(server, {
      credentials: { kind: 'user', user: 'u', password: 'p' },
      inboxPrefix: 'yes.inbox',
    });
    bus.subscribe('no.sub', () => undefined);
    bus.publish('no.pub', EMPTY);
    await until(() => errors.length >= 2, 'the reports');
    expect(errors.map((error) => error.kind)).toEqual(['permission', 'permission']);
    expect(bus.errorCount).toBe(2);
    expect(bus.status).toBe('connected');
    const outcomes: RequestOutcome[] = [];
    bus.subscribe('yes.service', (message) => bus.publish(message.replyTo ?? '', EMPTY));
    bus.request('yes.service', EMPTY, 5_000, (outcome) => outcomes.push(outcome));
    await until(() => outcomes.length === 1, 'the answer');
    expect(outcomes[0].ok).toBe(true);
  });
});

describe('nats bus: TLS', () => {
  it('trusts the CA that it is given and no other', async () => {
    const folder = temporaryFolder();
    const certificates = makeCertificates(folder);
    const server = await start(
      `tls { cert_file: "${certificates.cert}", key_file: "${certificates.key}", ca_file: "${certificates.ca}", verify: true }`,
    );
    const client = { caFile: certificates.ca, certFile: certificates.cert, keyFile: certificates.key };
    const { bus } = await open(server, { tls: client });
    const received: BusMessage[] = [];
    bus.subscribe('secret', (message) => received.push(message));
    bus.publish('secret', Uint8Array.of(1, 2, 3));
    await bus.flush();
    expect([...received[0].payload]).toEqual([1, 2, 3]);

    const short = { servers: [server.url], connectTimeoutMs: 300, reconnectWaitMs: 20 };
    const stranger = await failureOf({ ...short, tls: {} });
    expect(stranger.message).toMatch(/self-signed|certificate/i);
    const missing = await failureOf({ ...short, tls: { caFile: join(folder, 'none.pem') } });
    expect(missing.reason).toBe('configuration');
    expect(missing.message).toContain('none.pem');
  });

  it('refuses a server without TLS when TLS is asked for', async () => {
    const error = await failureOf({ servers: [shared.url], tls: {}, connectTimeoutMs: 200, reconnectWaitMs: 20 });
    expect(error.message).toContain("does not support 'tls'");
  });
});

describe('nats bus: errors and closing', () => {
  it('reports what handlers, callbacks and listeners throw, and headers that cannot be sent', async () => {
    const { bus, errors } = await open(shared);
    const fail = (): never => {
      throw new Error('boom');
    };
    bus.subscribe('throwing', fail);
    bus.publish('throwing', EMPTY);
    bus.request('nobody', EMPTY, 5_000, fail);
    expect(bus.publish('x', EMPTY, { headers: { name: 'line\r\nbreak' } })).toBe(false);
    await until(() => errors.length === 3, 'the reports');
    expect(errors.map(({ kind, subject }) => `${kind} ${subject}`).sort()).toEqual([
      'handler nobody',
      'handler throwing',
      'publish x',
    ]);
    bus.onStatus(fail);
    await bus.close();
    expect(errors).toHaveLength(4);
  });

  it('refuses requests beyond its bound', async () => {
    const { bus } = await open(shared, { maxPendingRequests: 1 });
    bus.subscribe('silent', () => undefined);
    const outcomes: RequestOutcome[] = [];
    bus.request('silent', EMPTY, 100, (outcome) => outcomes.push(outcome));
    bus.request('silent', EMPTY, 100, (outcome) => outcomes.push(outcome));
    await until(() => outcomes.length === 2, 'the outcomes');
    expect(outcomes.map((outcome) => !outcome.ok && outcome.reason)).toEqual(['disconnected', 'timeout']);
  });

  it('sends what was published before it closes', async () => {
    const { bus: reader } = await open(shared);
    const { bus: writer } = await open(shared);
    let received = 0;
    reader.subscribe('farewell', () => received++);
    await reader.flush();
    for (let i = 0; i < 1_000; i++) writer.publish('farewell', new Uint8Array(1_000));
    await Promise.all([writer.close(), writer.close()]);
    await until(() => received === 1_000, 'the messages');
    expect(writer.status).toBe('closed');
  });

  it('closes within its limit when the server does not answer, and while it is away', async () => {
    const server = await start();
    const { bus, errors } = await open(server, { closeTimeoutMs: 100, pingIntervalMs: 60_000 });
    const { bus: away } = await open(server, { closeTimeoutMs: 60_000 });
    await server.freeze();
    await bus.close();
    expect(bus.status).toBe('closed');
    expect(errors.map((error) => error.kind)).toEqual(['close']);
    await server.stop();
    await until(() => away.status === 'disconnected', 'the loss');
    await away.close();
    expect(away.status).toBe('closed');
  });
});

describe('nats connections', () => {
  it('opens control and data under their own names, and closes both', async () => {
    const server = await start('http: "127.0.0.1:-1"');
    const connections = await NatsConnections.open({ servers: [server.url], name: 'node-1' });
    const monitor = /http monitor on (\S+)/.exec(server.log())?.[1];
    const shown = (await (await fetch(`http://${monitor}/connz`)).json()) as { connections: { name: string }[] };
    expect(shown.connections.map(({ name }) => name).sort()).toEqual(['node-1-control', 'node-1-data']);
    const received: BusMessage[] = [];
    connections.data.subscribe('x', (message) => received.push(message));
    await connections.data.flush();
    connections.control.publish('x', EMPTY);
    await until(() => received.length === 1, 'the message');
    await connections.close();
    expect([connections.control.status, connections.data.status]).toEqual(['closed', 'closed']);
  });

  it('leaves none open when the second cannot be opened', async () => {
    const server = await start('max_connections: 1');
    await expect(
      NatsConnections.open({ servers: [server.url], connectTimeoutMs: 400, attemptTimeoutMs: 100 }),
    ).rejects.toThrow('cannot connect');
    const { bus } = await open(server);
    expect(bus.status).toBe('connected');
  });
});

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'hc-bus-nats-'));
  cleanups.push(async () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A CA and one certificate for both sides, good for 127.0.0.1. */
function makeCertificates(folder: string): { ca: string; cert: string; key: string } {
  const path = (name: string): string => join(folder, name);
  const openssl = (...args: string[]): void => {
    execFileSync('openssl', args, { stdio: 'pipe' });
  };
  const keyArguments = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl(
    'req',
    '-x509',
    ...keyArguments,
    '-keyout',
    path('ca.key'),
    '-out',
    path('ca.pem'),
    '-subj',
    '/CN=Test CA',
    '-days',
    '2',
  );
  openssl('req', ...keyArguments, '-keyout', path('key.pem'), '-out', path('request.pem'), '-subj', '/CN=localhost');
  writeFileSync(
    path('extensions'),
    'subjectAltName=IP:127.0.0.1,DNS:localhost\nextendedKeyUsage=serverAuth,clientAuth\n',
  );
  openssl(
    'x509',
    '-req',
    '-in',
    path('request.pem'),
    '-CA',
    path('ca.pem'),
    '-CAkey',
    path('ca.key'),
    '-CAcreateserial',
    '-out',
    path('cert.pem'),
    '-days',
    '2',
    '-extfile',
    path('extensions'),
  );
  return { ca: path('ca.pem'), cert: path('cert.pem'), key: path('key.pem') };
}
