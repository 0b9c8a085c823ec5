// The generator against a small server that stores values, and lies when it is told to.
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { LoadGenerator } from './load-generator.js';

const KEYS = 1_000;

/** GET and SET in pipelines, each a whole number of commands in the end. */
class SmallServer {
  readonly values = new Map<string, string>();
  commands = 0;
  /** Called for each command; another reply than the server's own. */
  intercept: (command: string, key: string) => string | undefined = () => undefined;
  private readonly sockets = new Set<Socket>();
  private readonly server: Server = createServer((socket) => this.serve(socket));

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return (this.server.address() as AddressInfo).port;
  }

  dropConnections(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.dropConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private serve(socket: Socket): void {
    this.sockets.add(socket);
    let text = '';
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      for (;;) {
        const found = /^\*[23]\r\n\$3\r\n(GET|SET)\r\n\$13\r\n(.{13})\r\n(?:\$40\r\n(.{40})\r\n)?/.exec(text);
        if (found === null || (found[1] === 'SET' && found[3] === undefined)) return;
        text = text.slice(found[0].length);
        this.commands++;
        socket.write(this.intercept(found[1], found[2]) ?? this.reply(found[1], found[2], found[3]), 'latin1');
      }
    });
  }

  private reply(command: string, key: string, value: string): string {
    if (command === 'SET') {
      this.values.set(key, value);
      return '+OK\r\n';
    }
    const stored = this.values.get(key);
    return stored === undefined ? '$-1\r\n' : `$${stored.length}\r\n${stored}\r\n`;
  }
}

let server: SmallServer;
let load: LoadGenerator;

beforeEach(async () => {
  server = new SmallServer();
  const port = await server.listen();
  load = await LoadGenerator.open({ port, keys: KEYS, valueBytes: 40, connections: 3, writeShare: 0.5 });
});
afterEach(async () => {
  load.close();
  await server.close();
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

/** Sends by the schedule until the server has had so many commands more. */
async function sendAtLeast(count: number): Promise<void> {
  const before = server.commands;
  load.begin(2_000);
  await until(() => server.commands >= before + count);
  await load.end();
}

describe('LoadGenerator', () => {
  it('finds nothing wrong where nothing is', async () => {
    await load.fill();
    expect(server.values.size).toBe(KEYS);
    const fromMs = Date.now();
    await sendAtLeast(500);
    await load.readAll();
    expect(load.failures()).toEqual({ failed: {}, wrong: 0, missing: 0, examples: [], unknownWrites: 0 });
    expect(load.window(fromMs, Date.now()).operations).toBeGreaterThanOrEqual(500);
  });

  it('finds writes that were acknowledged and lost, keys that are gone, and damaged values', async () => {
    await load.fill();
    server.intercept = (command) => (command === 'SET' ? '+OK\r\n' : undefined);
    await sendAtLeast(200);
    server.values.delete('key:000000007');
    server.values.set('key:000000008', 'x'.repeat(40));
    await load.readAll();
    const { wrong, missing, examples } = load.failures();
    expect(wrong).toBeGreaterThan(10);
    expect(missing).toBeGreaterThan(0);
    expect(examples.length).toBeGreaterThan(0);
  });

  it('counts errors by their first word, and takes only a timeout for a write that may have happened', async () => {
    await load.fill();
    server.intercept = (command) => (command === 'SET' ? '-TRYAGAIN it moves\r\n' : undefined);
    await sendAtLeast(200);
    expect(Object.keys(load.failures().failed)).toEqual(['TRYAGAIN']);
    server.intercept = (command) => (command === 'SET' ? '-TIMEOUT nobody knows\r\n' : undefined);
    await sendAtLeast(200);
    server.intercept = () => undefined;
    await load.readAll();
    const { failed, wrong, missing, unknownWrites } = load.failures();
    expect(failed['TIMEOUT']).toBeGreaterThan(0);
    expect(unknownWrites).toBeGreaterThan(0);
    expect({ wrong, missing }).toEqual({ wrong: 0, missing: 0 });
  });

  it('counts what a lost connection leaves unanswered, and what cannot be sent after it', async () => {
    await load.fill();
    server.intercept = () => '';
    const before = server.commands;
    load.begin(2_000);
    await until(() => server.commands >= before + 50);
    server.dropConnections();
    await until(() => (load.failures().failed['not sent'] ?? 0) > 0);
    await load.end();
    expect(load.failures().failed['connection lost']).toBeGreaterThan(0);
  });
});
