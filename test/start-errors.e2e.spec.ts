// Services that cannot start: one line on stderr that says why, and exit code 1. Nothing is started that stays.
import { rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { ensureBuilt, temporaryFolder } from './support/hypercache.js';
import { startNatsServer } from './support/nats-server.js';
import { ServiceProcess, type Exit, type Role } from './support/service-process.js';
import { until } from './support/until.js';

let folder: string;
let taken: Server;
let takenPort: number;
const started: ServiceProcess[] = [];

beforeAll(async () => {
  ensureBuilt();
  folder = temporaryFolder();
  taken = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  takenPort = (taken.address() as AddressInfo).port;
});
afterAll(async () => {
  await Promise.all(started.map((service) => service.kill()));
  taken.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Ended extends Exit {
  readonly stdout: string;
  readonly lines: readonly string[];
}

function service(role: Role, environment: Record<string, string>, args: readonly string[] = []): ServiceProcess {
  const made = new ServiceProcess(role, `${role}-1`, folder, environment, args);
  started.push(made);
  return made;
}

async function runToEnd(role: Role, environment: Record<string, string>, args: readonly string[] = []): Promise<Ended> {
  const ended = service(role, environment, args);
  ended.spawn();
  const exit = await ended.whenExited();
  return { ...exit, stdout: ended.stdout, lines: ended.stderr.trimEnd().split('\n') };
}

describe('a service that cannot start', () => {
  it.each(['resp_port', 'http_port', 'admin_port'])('names the %s that is in use', async (setting) => {
    const { code, lines } = await runToEnd('standalone', { [`HC_${setting.toUpperCase()}`]: String(takenPort) });
    expect(code).toBe(1);
    expect(lines).toEqual([
      `hypercache: network.${setting}: port ${takenPort} is in use on 127.0.0.1; stop the program that has it, or choose ` +
        `another port with HC_${setting.toUpperCase()} or --${setting.replace('_', '-')}`,
    ]);
  });

  it('names each wrong value of its file by path, value and what is allowed', async () => {
    const file = join(folder, 'wrong.yaml');
    writeFileSync(file, 'cluster:\n  weight: 0\nnetwork:\n  resp_prot: 6379\nlimits:\n  max_value_bytes: 3tb\n');
    const { code, lines } = await runToEnd('storage-node', {}, ['--config', file]);
    expect(code).toBe(1);
    expect(lines).toHaveLength(3);
    expect(lines.join('\n')).toMatch(/cluster\.weight: 0 is not allowed: use an integer from 1 to 64 \(.*wrong\.yaml/);
    expect(lines.join('\n')).toMatch(/network\.resp_prot: .*resp_port/);
    expect(lines.join('\n')).toMatch(/limits\.max_value_bytes: "3tb" is not allowed: use a size from 1kb to 512mb/);
  });

  it('shows where its file is no YAML', async () => {
    const file = join(folder, 'broken.yaml');
    writeFileSync(file, 'cluster:\n  name: "open\n');
    const { code, lines } = await runToEnd('gateway', {}, ['--config', file]);
    expect(code).toBe(1);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^hypercache: .*broken\.yaml:3:1: Missing closing "quote/);
  });

  it('names a flag that it does not know, and the one that was meant', async () => {
    const { code, lines } = await runToEnd('gateway', {}, ['--resp-prot', '1']);
    expect(code).toBe(1);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/--resp-prot.*--resp-port/);
  });

  it.each<Role>(['standalone', 'gateway', 'storage-node', 'coordinator'])('shows the help of %s', async (role) => {
    const { code, stdout, lines } = await runToEnd(role, {}, ['--help']);
    expect({ code, lines }).toEqual({ code: 0, lines: [''] });
    expect(stdout).toContain('--node-id');
    expect(stdout).toContain('--config');
  });
});

describe('without a nats-server', () => {
  it.each<Role>(['gateway', 'storage-node', 'coordinator'])(
    'a %s gives up after its time, with one line',
    async (role) => {
      const url = `nats://127.0.0.1:${await freePort()}`;
      const { code, lines } = await runToEnd(role, { NATS_URL: url, HC_NATS_STARTUP_TIMEOUT_MS: '300' });
      expect(code).toBe(1);
      expect(lines).toHaveLength(1);
      expect(lines[0]).toContain(url);
    },
  );

  it('a coordinator waits, and goes on when the server comes', async () => {
    const port = await freePort();
    const coordinator = service('coordinator', { NATS_URL: `nats://127.0.0.1:${port}` });
    coordinator.spawn();
    await until('it has said that it waits', () => saysItWaits(coordinator));
    const nats = await startNatsServer({ port });
    try {
      await coordinator.whenReady();
      expect(await coordinator.terminate()).toEqual({ code: 0, signal: null });
    } finally {
      await nats.stop();
    }
  });

  it('SIGTERM ends a gateway that still waits', async () => {
    const gateway = service('gateway', { NATS_URL: `nats://127.0.0.1:${await freePort()}` });
    gateway.spawn();
    await until('it has said that it waits', () => saysItWaits(gateway));
    const startedAt = performance.now();
    const { signal } = await gateway.terminate();
    expect(signal).toBeNull();
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });
});

const saysItWaits = (waiting: ServiceProcess): boolean =>
  waiting.log().some(({ message }) => message === 'NATS: unreachable');

function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
