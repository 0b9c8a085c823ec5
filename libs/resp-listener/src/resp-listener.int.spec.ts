import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';
import type { ClientSocket, ClientSocketHandler } from '#libs/ports';
import { clientSocketContract, type ClientPeer } from '#libs/ports-contract';
import { ListenError, RespListener, type RespListenerOptions, type RespListenerTls } from './index.js';

const HOST = '127.0.0.1';
const pause = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve, 2));

async function until(condition: () => boolean): Promise<void> {
  for (let round = 0; !condition() && round < 5_000; round++) await pause();
  expect(condition()).toBe(true);
}

class SocketPeer implements ClientPeer {
  private readonly chunks: Buffer[] = [];
  receivedBytes = 0;
  closed = false;

  constructor(readonly socket: net.Socket) {
    socket.on('data', (chunk: Buffer) => {
      this.chunks.push(chunk);
      this.receivedBytes += chunk.length;
    });
    socket.on('error', () => undefined);
    socket.on('close', () => (this.closed = true));
    socket.on('end', () => socket.end());
  }

  send(bytes: Uint8Array): void {
    this.socket.write(bytes);
  }

  received(): Uint8Array {
    return Buffer.concat(this.chunks);
  }

  get text(): string {
    return Buffer.from(this.received()).toString();
  }

  pauseReading(): void {
    this.socket.pause();
  }

  resumeReading(): void {
    this.socket.resume();
  }

  end(): void {
    this.socket.end();
  }

  destroy(): void {
    this.socket.destroy();
  }
}

const peers: SocketPeer[] = [];
const listeners: { close(options: { graceMs: number }): Promise<void> }[] = [];

async function connectTo(port: number, ca?: string): Promise<SocketPeer> {
  const options = { host: HOST, port, allowHalfOpen: true };
  const socket = ca === undefined ? net.connect(options) : tls.connect({ ...options, ca, servername: 'localhost' });
  const peer = new SocketPeer(socket);
  peers.push(peer);
  await new Promise<void>((resolve, reject) => {
    socket.once(ca === undefined ? 'connect' : 'secureConnect', resolve);
    socket.once('error', reject);
  });
  return peer;
}

async function listen<Session>(
  handler: ClientSocketHandler<Session>,
  options: Partial<RespListenerOptions<Session>> = {},
): Promise<{ listener: RespListener<Session>; port: number }> {
  const listener = new RespListener<Session>({
    host: HOST,
    port: 0,
    handler,
    maxClients: 100,
    keepAliveMs: 60_000,
    idleTimeoutMs: 0,
    highWaterBytes: 64 * 1024,
    ...options,
  });
  listeners.push(listener);
  return { listener, port: await listener.start() };
}

afterEach(async () => {
  for (const peer of peers.splice(0)) peer.destroy();
  await Promise.all(listeners.splice(0).map((listener) => listener.close({ graceMs: 0 })));
});

/** Answers every input with `+OK`, unless the input begins with `wait`. */
function echoHandler(): ClientSocketHandler<ClientSocket> & { sessions: ClientSocket[]; closes: number } {
  return {
    sessions: [] as ClientSocket[],
    closes: 0,
    onConnect(socket) {
      this.sessions.push(socket);
      return socket;
    },
    onData: (socket, chunk) => {
      if (chunk[0] !== 0x77) socket.write(Buffer.from('+OK\r\n'));
    },
    onDrain: () => undefined,
    onClose() {
      this.closes++;
    },
  };
}

clientSocketContract('tcp', async (handler) => {
  const { port } = await listen(handler);
  return { connect: () => connectTo(port), settle: pause, close: async () => undefined };
});

function selfSigned(): RespListenerTls & { cert: string } {
  const folder = mkdtempSync(join(tmpdir(), 'hc-tls-'));
  try {
    const files = ['-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')];
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
    const made = spawnSync('openssl', ['req', '-x509', '-nodes', '-days', '2', ...curve, ...files, ...subject]);
    expect(made.status).toBe(0);
    return { key: readFileSync(join(folder, 'key.pem')), cert: readFileSync(join(folder, 'cert.pem'), 'utf8') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('with TLS', () => {
  let material: RespListenerTls & { cert: string };
  beforeAll(() => {
    material = selfSigned();
  });

  clientSocketContract('tls', async (handler) => {
    const { port } = await listen(handler, { tls: material });
    return { connect: () => connectTo(port, material.cert), settle: pause, close: async () => undefined };
  });

  it('survives clients that do not speak TLS', async () => {
    const { listener, port } = await listen(echoHandler(), { tls: material });
    const stranger = await connectTo(port);
    stranger.send(Buffer.from('PING\r\n'));
    await until(() => stranger.closed && listener.traffic.failedHandshakes === 1);
    const client = await connectTo(port, material.cert);
    client.send(Buffer.from('PING\r\n'));
    await until(() => client.text === '+OK\r\n');
  });

  it('wants a certificate where an authority is given', async () => {
    const handler = echoHandler();
    const { listener, port } = await listen(handler, { tls: { ...material, clientCa: material.cert } });
    const client = await connectTo(port, material.cert);
    await until(() => client.closed && listener.traffic.failedHandshakes === 1);
    expect(handler.sessions).toHaveLength(0);
  });

  it('does not wait for unfinished handshakes when it closes', async () => {
    const { listener, port } = await listen(echoHandler(), { tls: material });
    await connectTo(port);
    const started = performance.now();
    await listener.close({ graceMs: 50 });
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});

describe('write', () => {
  it('answers true for small replies to a client that reads', async () => {
    const handler = echoHandler();
    const { port } = await listen(handler);
    await connectTo(port);
    await until(() => handler.sessions.length === 1);
    for (let i = 0; i < 100; i++) expect(handler.sessions[0].write(Buffer.from('+OK\r\n'))).toBe(true);
    expect(handler.sessions[0].queuedBytes).toBe(0);
  });
});

describe('RespListener', () => {
  it('refuses clients beyond its bound, and takes others when one has left', async () => {
    const { listener, port } = await listen(echoHandler(), { maxClients: 2 });
    const first = await connectTo(port);
    await connectTo(port);
    const third = await connectTo(port);
    await until(() => third.closed);
    expect(third.text).toBe('-ERR max number of clients reached\r\n');
    expect(listener.traffic.refused).toBe(1);
    first.destroy();
    await until(() => listener.openConnections === 1);
    const fourth = await connectTo(port);
    fourth.send(Buffer.from('PING\r\n'));
    await until(() => fourth.text === '+OK\r\n');
    expect(listener.traffic).toMatchObject({ accepted: 3, bytesIn: 6 });
  });

  it('follows limits that change while clients are connected', async () => {
    const { listener, port } = await listen(echoHandler(), { maxClients: 1 });
    const first = await connectTo(port);
    await until(() => listener.openConnections === 1);
    listener.tune({ maxClients: 2, keepAliveMs: 60_000, idleTimeoutMs: 0 });
    const second = await connectTo(port);
    second.send(Buffer.from('PING\r\n'));
    await until(() => second.text === '+OK\r\n');
    listener.tune({ maxClients: 2, keepAliveMs: 0, idleTimeoutMs: 100 });
    await until(() => first.closed && second.closed);
    expect(listener.traffic).toMatchObject({ accepted: 2, refused: 0, timedOut: 2 });
  });

  it('says what to do when the port is in use', async () => {
    const { port } = await listen(echoHandler());
    const second = listen(echoHandler(), { port });
    await expect(second).rejects.toBeInstanceOf(ListenError);
    await expect(second).rejects.toThrow(
      `cannot listen for Redis clients on ${HOST}:${port}: port ${port} is in use; stop the program that has it or choose another port`,
    );
  });

  it('says what to do when the address is not of this machine', async () => {
    await expect(listen(echoHandler(), { host: '192.0.2.1' })).rejects.toThrow('is no address of this machine');
  });

  it('closes connections that are idle for too long, and only those', async () => {
    const { listener, port } = await listen(echoHandler(), { idleTimeoutMs: 200 });
    const idle = await connectTo(port);
    const busy = await connectTo(port);
    const timer = setInterval(() => busy.send(Buffer.from('PING\r\n')), 10);
    try {
      await until(() => idle.closed);
      expect(busy.closed).toBe(false);
      expect(listener.traffic.timedOut).toBe(1);
    } finally {
      clearInterval(timer);
    }
  });

  it('closes a connection whose handler throws, and goes on with the others', async () => {
    const errors: unknown[] = [];
    const handler = echoHandler();
    const broken: ClientSocketHandler<ClientSocket> = {
      ...handler,
      onConnect: (socket) => {
        if (handler.sessions.push(socket) === 2) throw new Error('no session');
        return socket;
      },
      onData: (socket, chunk) => {
        if (chunk[0] === 0x21) throw new Error('a defect');
        handler.onData(socket, chunk);
      },
      onClose: () => undefined,
    };
    const { listener, port } = await listen(broken, { onHandlerError: (error) => errors.push(error) });
    const first = await connectTo(port);
    const second = await connectTo(port);
    const third = await connectTo(port);
    await until(() => second.closed);
    first.send(Buffer.from('!'));
    await until(() => first.closed);
    third.send(Buffer.from('PING\r\n'));
    await until(() => third.text === '+OK\r\n');
    expect(errors.map(String)).toEqual(['Error: no session', 'Error: a defect']);
    expect(listener.openConnections).toBe(1);
  });

  it('keeps little of what a client sends after its connection was ended', async () => {
    const handler = echoHandler();
    const { port } = await listen(handler);
    const client = await connectTo(port);
    await until(() => handler.sessions.length === 1);
    handler.sessions[0].end();
    for (let i = 0; i < 64; i++) client.send(Buffer.alloc(64 * 1024));
    await until(() => handler.closes === 1);
  });

  it('closes a connection whose client never closes its side', async () => {
    const handler = echoHandler();
    const { port } = await listen(handler);
    const client = net.connect({ host: HOST, port, allowHalfOpen: true });
    client.on('error', () => undefined).resume();
    await until(() => handler.sessions.length === 1);
    handler.sessions[0].end();
    await until(() => handler.closes === 1);
    client.destroy();
  });

  describe('close', () => {
    it('lets replies under way reach their clients, and ends the rest', async () => {
      const handler = echoHandler();
      const { listener, port } = await listen(handler);
      const idle = await connectTo(port);
      const waiting = await connectTo(port);
      waiting.send(Buffer.from('wait'));
      await until(() => listener.traffic.bytesIn === 4);
      const closed = listener.close({ graceMs: 20_000 });
      await until(() => idle.closed);
      expect(waiting.closed).toBe(false);
      handler.sessions[1].write(Buffer.from('+LATE\r\n'));
      await closed;
      await until(() => waiting.closed);
      expect(waiting.text).toBe('+LATE\r\n');
      await expect(connectTo(port)).rejects.toThrow('ECONNREFUSED');
    });

    it('asks the host which connections are idle', async () => {
      const handler = echoHandler();
      let busy = true;
      const { listener, port } = await listen(handler, { isIdle: () => !busy });
      const client = await connectTo(port);
      await until(() => handler.sessions.length === 1);
      const closed = listener.close({ graceMs: 20_000 });
      for (let round = 0; round < 50; round++) await pause();
      expect(client.closed).toBe(false);
      busy = false;
      await closed;
    });

    it('cuts off what is not finished in time', async () => {
      const { listener, port } = await listen(echoHandler());
      const client = await connectTo(port);
      client.send(Buffer.from('wait'));
      await until(() => listener.traffic.bytesIn === 4);
      await listener.close({ graceMs: 30 });
      await until(() => client.closed);
      expect(listener.openConnections).toBe(0);
    });
  });
});
