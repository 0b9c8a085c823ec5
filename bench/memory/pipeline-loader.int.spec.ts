import { createServer, type Server, type Socket } from 'node:net';
import { LOOPBACK } from '../lib/ports.js';
import { keyOf, respTemplate } from './load-template.js';
import { batchOf, loadKeys, ReplyMatcher } from './pipeline-loader.js';

const TEMPLATE = respTemplate(0);

let server: Server;
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

/** A server that hands each complete command's bytes to `onCommand`. */
async function serve(onCommand: (command: Buffer, socket: Socket) => void): Promise<number> {
  server = createServer((socket) => {
    sockets.push(socket);
    let rest = Buffer.alloc(0);
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      rest = Buffer.concat([rest, chunk]);
      for (; rest.length >= TEMPLATE.bytes.length; rest = rest.subarray(TEMPLATE.bytes.length)) {
        onCommand(rest.subarray(0, TEMPLATE.bytes.length), socket);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, LOOPBACK, resolve));
  return (server.address() as { port: number }).port;
}

describe('the loader', () => {
  it('sends every key once, in order', async () => {
    const keys: string[] = [];
    const port = await serve((command, socket) => {
      keys.push(command.toString('latin1', TEMPLATE.digitsAt - 4, TEMPLATE.digitsAt + 8));
      socket.write('+OK\r\n');
    });
    await loadKeys(port, TEMPLATE, 5, 10_005);
    expect(keys).toEqual(Array.from({ length: 10_000 }, (_, i) => keyOf(i + 5)));
  });

  it('leaves a bounded number of commands unanswered', async () => {
    let waiting = 0;
    let most = 0;
    const port = await serve((_, socket) => {
      most = Math.max(most, ++waiting);
      if (waiting < 4000) return;
      socket.write('+OK\r\n'.repeat(waiting));
      waiting = 0;
    });
    await loadKeys(port, TEMPLATE, 0, 20_000);
    expect(most).toBe(4000);
  });

  it('stops at an answer that is an error', async () => {
    const port = await serve((_, socket) => socket.write('+OK\r\n-OOM no room\r\n'));
    await expect(loadKeys(port, TEMPLATE, 0, 10)).rejects.toThrow('the server answered "-OOM no room');
  });

  it('stops when the server goes away', async () => {
    const port = await serve((_, socket) => socket.destroy());
    await expect(loadKeys(port, TEMPLATE, 0, 10)).rejects.toThrow(/closed|ECONNRESET|EPIPE/);
  });
});

describe('batches and answers', () => {
  beforeEach(() => serve(() => undefined));

  it('repeat the template', () => {
    const batch = batchOf(TEMPLATE, 99, 2).toString();
    expect(batch).toBe([99, 100].map((n) => TEMPLATE.bytes.toString().replace(keyOf(0), keyOf(n))).join(''));
  });

  it('are counted however the stream is cut', () => {
    const matcher = new ReplyMatcher(Buffer.from('+OK\r\n'));
    const counts = ['+O', 'K\r', '\n+OK\r\n+', 'OK\r\n'].map((text) => matcher.take(Buffer.from(text)));
    expect(counts).toEqual([0, 0, 2, 1]);
    expect(() => matcher.take(Buffer.from('+OK\r\n-E'))).toThrow('answered "-E"');
  });
});
