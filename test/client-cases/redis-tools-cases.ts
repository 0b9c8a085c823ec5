// Redis's own tools, as people and scripts use them.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { encoded } from '../support/raw-connection.js';
import type { AskTarget } from './target.js';

interface ToolResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function runTool(tool: string, args: readonly string[], input: Uint8Array | string = ''): Promise<ToolResult> {
  const child = spawn(tool, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const limit = setTimeout(() => child.kill('SIGKILL'), 60_000);
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  clearTimeout(limit);
  return { code, stdout, stderr };
}

export function redisToolsCases(target: AskTarget): void {
  const cli = async (args: readonly string[], input?: Uint8Array | string): Promise<string> => {
    const { code, stdout, stderr } = await runTool('redis-cli', ['-p', String(target().respPorts[0]), ...args], input);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return stdout;
  };

  describe('redis-cli', () => {
    it('runs commands from its arguments and from its input', async () => {
      expect(await cli(['SET', 'greeting', 'hello world'])).toBe('OK\n');
      expect(await cli(['GET', 'greeting'])).toBe('hello world\n');
      expect(await cli([], 'SET a 1\nINCR a\nGET a\n')).toBe('OK\n2\n2\n');
      expect(await cli(['-x', 'SET', 'from-input'], 'some text')).toBe('OK\n');
      expect(await cli(['-n', '3', 'DBSIZE'])).toBe('0\n');
    });

    it('speaks RESP3 with -3', async () => {
      const info = await cli(['-3', 'CLIENT', 'INFO']);
      expect(info).toMatch(/ resp=3 /);
      expect(await cli(['-3', '--no-raw', 'GET', 'missing'])).toBe('(nil)\n');
    });

    it('inserts 20,000 keys with --pipe and lists them with --scan', async () => {
      const count = 20_000;
      const commands = Array.from({ length: count }, (_, i) => encoded(['SET', `mass:${i}`, String(i)]));
      expect(await cli(['--pipe'], Buffer.concat(commands))).toContain(`errors: 0, replies: ${count}\n`);
      expect(await cli(['DBSIZE'])).toBe(`${count}\n`);
      const keys = (await cli(['--scan', '--pattern', 'mass:1*'])).trim().split('\n');
      expect(new Set(keys).size).toBe(11_111);
    });

    it('shows INFO', async () => {
      const info = await cli(['INFO']);
      expect(info).toMatch(new RegExp(`^redis_mode:${target().mode}\\r?$`, 'm'));
      for (const section of ['Server', 'Clients', 'Memory', 'Stats', 'Replication', 'Keyspace']) {
        expect(info).toContain(`# ${section}`);
      }
      expect(await cli(['INFO', 'clients'])).toMatch(/^# Clients\r?\nconnected_clients:\d+/);
    });

    it('needs no redirections with -c', async () => {
      expect(await cli(['-c', 'SET', 'anywhere', 'v'])).toBe('OK\n');
      expect(await cli(['-c', 'GET', 'anywhere'])).toBe('v\n');
    });
  });

  describe('redis-benchmark', () => {
    it('runs set, get, incr and mset to their end', async () => {
      const args = ['-p', String(target().respPorts[0]), '-t', 'set,get,incr,mset', '-P', '16', '-q', '-n', '20000'];
      const { code, stdout, stderr } = await runTool('redis-benchmark', args);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      for (const name of ['SET', 'GET', 'INCR', 'MSET']) {
        expect(stdout).toMatch(new RegExp(`${name}[^\\n]*: [\\d.]+ requests per second`));
      }
      expect(stdout).not.toMatch(/WARN|ERR/i);
    });
  });
}
