// A real Redis to compare with: started for a suite, stopped after it.
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { latin1Bytes } from '#libs/kernel';
import { encodeCommand, replyLength } from '#libs/resp';

/** True where the Redis that commands are compared with can be started. */
const HAS_REDIS_7_0 = spawnSync('redis-server', ['--version']).stdout?.toString().includes('v=7.0.') ?? false;

/** A suite that runs beside a redis-server 7.0; elsewhere one test says what is missing. */
export function describeBesideRedis(title: string, suite: () => void): void {
  describe(title, () => {
    if (HAS_REDIS_7_0) suite();
    else
      it('needs redis-server 7.0 on the PATH, and compares nothing without it', () =>
        expect(HAS_REDIS_7_0).toBe(false));
  });
}

/** A redis-server of our own on a free loopback port, with one connection to it. */
export class RealRedis {
  private received: Uint8Array = new Uint8Array(0);

  private constructor(
    private readonly process: ChildProcess,
    private readonly socket: Socket,
  ) {
    socket.on('data', (chunk) => {
      this.received = Buffer.concat([this.received, chunk]);
    });
  }

  static async start(): Promise<RealRedis> {
    const port = await freePort();
    const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', '/tmp'];
    const process = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'ignore'] });
    for await (const chunk of process.stdout) if (String(chunk).includes('Ready to accept')) break;
    process.stdout.resume();
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new RealRedis(process, socket);
  }

  /** Sends commands in one go; answers a reply each, as Latin-1 text of its bytes. */
  async run(commands: readonly (readonly string[])[]): Promise<string[]> {
    this.received = new Uint8Array(0);
    const encoded = commands.map((words) => encodeCommand(words.map(latin1Bytes)));
    this.socket.write(Buffer.concat(encoded));
    const replies: string[] = [];
    for (let at = 0; replies.length < commands.length;) {
      const length = at < this.received.length ? replyLength(this.received, at, this.received.length) : 0;
      if (length > 0) {
        replies.push(Buffer.from(this.received.subarray(at, at + length)).toString('latin1'));
        at += length;
      } else {
        await once(this.socket, 'data');
      }
    }
    return replies;
  }

  async stop(): Promise<void> {
    this.socket.destroy();
    const exited = once(this.process, 'exit');
    this.process.kill();
    await exited;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
