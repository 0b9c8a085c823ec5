import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeReply } from './decode-reply.js';
import { encodeCommand } from './encode-command.js';
import { formatDouble } from './format-double.js';
import { globMatch } from './glob-match.js';
import { replyLength } from './reply-length.js';
import { RequestScanner } from './request-scanner.js';

let server: ChildProcess;
let folder: string;
let port: number;

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => probe.once('listening', resolve));
  const { port: free } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return free;
}

/** Sends bytes and collects what comes until `enough` of it is there or the server closes. */
function exchange(bytes: Uint8Array, enough: (answer: Buffer) => boolean): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let answer = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      answer = Buffer.concat([answer, chunk]);
      if (enough(answer)) socket.destroy();
    });
    socket.on('close', () => resolve(answer));
    socket.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ECONNRESET' ? resolve(answer) : reject(error),
    );
    socket.write(bytes);
  });
}

async function ask(...parts: (string | Uint8Array)[]) {
  return decodeReply(await exchange(encodeCommand(parts), (answer) => replyLength(answer, 0, answer.length) > 0));
}

describe('next to a real redis-server', () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'hypercache-resp-'));
    port = await freePort();
    server = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', folder]);
    await new Promise<void>((resolve, reject) => {
      server.stdout?.on('data', (text) => String(text).includes('Ready to accept') && resolve());
      server.once('exit', () => reject(new Error('redis-server did not start')));
    });
  });

  afterAll(async () => {
    const exited = new Promise((resolve) => server.once('exit', resolve));
    server.kill();
    await exited;
    rmSync(folder, { recursive: true });
  });

  it.each([
    '*\r\n',
    '*-0\r\n',
    '*+1\r\n',
    '*2147483648\r\n',
    '*x\r\n',
    '*1\r\n+4\r\n',
    '*1\r\n\xff4\r\n',
    '*1\r\n\r\r\n',
    '*1\r\n\n\r\n',
    '*1\r\n$-1\r\n',
    '*1\r\n$04\r\n',
    '*1\r\n$536870913\r\n',
    '"ECHO"x\r\n',
    "ECHO 'x\r\n",
    'x'.repeat(65537),
    `*${'1'.repeat(65537)}`,
    `*1\r\n$${'1'.repeat(65537)}`,
  ])('%j is refused with the same text', async (text) => {
    const bytes = Buffer.from(text, 'latin1');
    const scanner = new RequestScanner();
    expect(scanner.scan(bytes, 0, bytes.length)).toBe(-1);
    const answer = await exchange(bytes, () => false);
    expect(answer.toString('latin1')).toBe(`-ERR ${scanner.errorText}\r\n`);
  });

  it.each([
    'ECHO "a\\x41\\n"\r\n',
    "ECHO 'a\\'b'\r\n",
    'ECHO foo"bar"\r\n',
    'ECHO a\x0bb\r\n',
    '\x0bECHO \\x41\r\n',
    'ECHO ""\n',
    '*2\rX$4\rYECHOzz$1\rYazz',
  ])('%j is read as the same arguments', async (text) => {
    const bytes = Buffer.from(text, 'latin1');
    const scanner = new RequestScanner();
    expect(scanner.scan(bytes, 0, bytes.length)).toBe(bytes.length);
    const argument = scanner.buffer.slice(scanner.offsets[1], scanner.offsets[1] + scanner.lengths[1]);
    const answer = await exchange(bytes, (reply) => replyLength(reply, 0, reply.length) > 0);
    expect(Buffer.from(decodeReply(answer) as Uint8Array)).toEqual(Buffer.from(argument));
  });

  it('prints doubles alike', async () => {
    for (const value of [0.1, 1e17, 1e-5, -2.5, 1e-320, 1234567890123456.25, 1.7976931348623157e308, Infinity, 3]) {
      await ask('ZADD', 'z', String(value).replace('Infinity', 'inf'), 'member');
      expect(Buffer.from((await ask('ZSCORE', 'z', 'member')) as Uint8Array).toString()).toBe(formatDouble(value));
    }
  });

  it('matches patterns alike', async () => {
    const keys = ['a', 'b', 'ab', 'aab', '[', ']', '-', '\\', '^', '\x05', '\xe9', 'a]', 'abc', ''].map((key) =>
      Buffer.from(key, 'latin1'),
    );
    await ask('FLUSHALL');
    for (const key of keys) await ask('SET', key, '1');
    const patterns = [
      '**',
      'a*',
      '*b',
      '?',
      '[a-c]',
      '[^a]',
      '[',
      '[^',
      '[a',
      '[a-',
      '[\\]]',
      '\\',
      '\\\\',
      '[a-\xff]',
      '[\xe0-\xf0]',
      '[]a]',
      'a[]]',
      '*a*b',
      '[^]',
      '[a-]',
      '[\\',
    ];
    for (const text of patterns) {
      const pattern = Buffer.from(text, 'latin1');
      const found = ((await ask('KEYS', pattern)) as Uint8Array[]).map((key) => Buffer.from(key).toString('latin1'));
      const expected = keys.filter((key) => globMatch(pattern, key)).map((key) => key.toString('latin1'));
      expect([text, found.sort()]).toEqual([text, expected.sort()]);
    }
  });
});
