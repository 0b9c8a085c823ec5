// Settings that are changed while a real cluster runs: at one gateway, followed by the other, by a storage node and by the
// coordinator, kept over restarts, and written into a file.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withRaw } from './client-cases/target.js';
import { startCluster, type HyperCacheCluster } from './support/hypercache.js';
import type { RawConnection } from './support/raw-connection.js';
import { rest } from './support/rest-client.js';
import type { ServiceProcess } from './support/service-process.js';
import { eventually, until } from './support/until.js';

const FILE = ['# of this cluster', 'limits:', '  # for people who wait', '  request_timeout_ms: 1000', ''].join('\n');

let cluster: HyperCacheCluster;
let file: string;

beforeAll(async () => {
  cluster = await startCluster({ gateways: 2, storageNodes: 1, environment: { HC_LOG_LEVEL: 'INFO' } });
  file = join(cluster.folder, 'settings.yaml');
  writeFileSync(file, FILE);
}, 120_000);
afterAll(() => cluster?.stop());

const at = <T>(gateway: ServiceProcess, body: (raw: RawConnection) => Promise<T>): Promise<T> =>
  withRaw(gateway.ports.respPort, body);
const run = (gateway: ServiceProcess, ...words: string[]): Promise<unknown> => at(gateway, (raw) => raw.run(...words));

async function read(gateway: ServiceProcess, ...names: string[]): Promise<Record<string, string>> {
  const reply = (await run(gateway, 'CONFIG', 'GET', ...names)) as string[];
  return Object.fromEntries(Array.from({ length: reply.length / 2 }, (_, i) => [reply[2 * i], reply[2 * i + 1]]));
}

interface Setting {
  readonly path: string;
  readonly value: string;
  readonly origin: string;
}

async function setting(gateway: ServiceProcess, path: string): Promise<Setting | undefined> {
  const { body } = await rest(gateway.ports.httpPort, 'GET', 'config');
  return (JSON.parse(body) as { settings: Setting[] }).settings.find((setting) => setting.path === path);
}

describe('CONFIG SET', () => {
  it('answers once the gateway works by the change, and the other gateway follows', async () => {
    const [first, second] = cluster.gateways;
    await at(second, async (idle) => {
      expect(await idle.run('PING')).toBe('PONG');
      expect(await run(first, 'CONFIG', 'SET', 'limits.client_idle_timeout_ms', '200', 'maxclients', '77')).toBe('OK');
      expect(await read(first, 'maxclients', 'timeout')).toEqual({ maxclients: '77', timeout: '1' });
      expect(await idle.untilEnd()).toBe('');
    });
    expect(await setting(second, 'limits.max_clients')).toMatchObject({ value: '77', origin: 'changed at run time' });
    expect(await run(first, 'CONFIG', 'SET', 'timeout', 'default')).toBe('OK');
    await eventually('the other gateway has gone back', async () => {
      expect((await setting(second, 'limits.client_idle_timeout_ms'))?.value).toBe('0');
    });
  }, 60_000);

  it('changes all of the settings given or none', async () => {
    const [first] = cluster.gateways;
    expect(await run(first, 'CONFIG', 'SET', 'maxclients', '78', 'logging.level', 'LOUD')).toMatch(
      /^-ERR CONFIG SET failed \(possibly related to argument 'logging\.level'\) - "LOUD" is not allowed: use one of ERROR/,
    );
    expect(await run(first, 'CONFIG', 'SET', 'maxclients', '78', 'network.resp_port', '1')).toMatch(
      /can be set at start only/,
    );
    expect(await read(first, 'maxclients')).toEqual({ maxclients: '77' });
  });

  it('reaches a storage node: a smaller store without eviction refuses what does not fit', async () => {
    const [first, second] = cluster.gateways;
    const value = 'v'.repeat(100_000);
    expect(await run(first, 'CONFIG', 'SET', 'maxmemory', '2mb', 'maxmemory-policy', 'noeviction')).toBe('OK');
    await at(second, (raw) =>
      eventually('a write is refused', async () => {
        for (let i = 0; i < 40; i++) {
          const reply = await raw.run('SET', `large:${i}`, value);
          if (String(reply).startsWith('-OOM')) return;
        }
        throw new Error('everything was taken');
      }),
    );
    expect(await run(second, 'CONFIG', 'SET', 'maxmemory', '64mb')).toBe('OK');
    await at(first, (raw) =>
      eventually('writes are taken again', async () => expect(await raw.run('SET', 'large:x', value)).toBe('OK')),
    );
  }, 60_000);

  it('reaches a storage node: its memory, and from where on a store is under pressure', async () => {
    const [storage] = cluster.storageNodes;
    const metric = async (pattern: RegExp): Promise<string | undefined> =>
      pattern.exec((await storage.admin('/metrics')).body)?.[1];
    const limit = /^hypercache_node_memory_limit_bytes\S* (\S+)$/m;
    const pressure = /^hypercache_memory_pressure\S*store="default"\S* (\S+)$/m;
    expect(await metric(pressure)).toBe('0');
    const words = ['memory.node_limit', '48mb', 'maxmemory', '4mb', 'memory.pressure.clean_percent', '10'];
    expect(await run(cluster.gateways[0], 'CONFIG', 'SET', ...words)).toBe('OK');
    await eventually('the storage node counts with less', async () => {
      expect(Number(await metric(limit))).toBe(48 * 2 ** 20);
      expect(Number(await metric(pressure))).toBeGreaterThan(0);
    });
    const back = ['memory.node_limit', 'default', 'memory.pressure.clean_percent', 'default'];
    expect(await run(cluster.gateways[1], 'CONFIG', 'SET', ...back)).toBe('OK');
    await eventually('the storage node has gone back', async () => {
      expect(Number(await metric(limit))).toBeGreaterThan(48 * 2 ** 20);
    });
  }, 60_000);

  it('reaches a storage node: what it logs', async () => {
    const [storage] = cluster.storageNodes;
    const debugLines = (): number => storage.log().filter(({ level }) => level === 'DEBUG').length;
    expect(debugLines()).toBe(0);
    expect(await run(cluster.gateways[0], 'CONFIG', 'SET', 'debug.enabled', 'yes')).toBe('OK');
    await until('it says that settings have changed', () =>
      storage
        .log()
        .some(
          ({ message, details }) =>
            /settings changed/.test(message) && JSON.stringify(details).includes('debug.enabled'),
        ),
    );
    expect((await storage.terminate()).code).toBe(0);
    expect(debugLines()).toBeGreaterThan(0);
    await storage.start();
    await cluster.whenReady();
  }, 60_000);
});

describe('changed settings', () => {
  it('outlive the coordinator and the gateways', async () => {
    const [first, second] = cluster.gateways;
    await cluster.coordinator.kill();
    expect(await run(first, 'CONFIG', 'SET', 'maxclients', '99')).toMatch(/^-(?:CLUSTERDOWN|TIMEOUT) /);
    expect(await read(first, 'maxclients')).toEqual({ maxclients: '77' });
    await cluster.coordinator.start();
    await second.kill();
    await second.start();
    await cluster.whenReady();
    expect(await setting(second, 'limits.max_clients')).toMatchObject({ value: '77', origin: 'changed at run time' });
    expect(await run(second, 'CONFIG', 'SET', 'maxclients', '80')).toBe('OK');
    await eventually('the first gateway follows', async () => {
      expect(await read(first, 'maxclients')).toEqual({ maxclients: '80' });
    });
  }, 60_000);

  it('are changed and taken back over REST too', async () => {
    const [first, second] = cluster.gateways;
    const patch = (body: unknown): Promise<{ readonly status: number; readonly body: string }> =>
      rest(second.ports.httpPort, 'PATCH', 'config', {
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
      });
    expect(await patch({ 'logging.components': { RAFT: 'TRACE' }, 'memory.pressure.clean_percent': 80 })).toMatchObject(
      {
        status: 200,
      },
    );
    await eventually('the other gateway follows', async () => {
      expect(await read(first, 'logging.components', 'memory.pressure.clean*')).toEqual({
        'logging.components': 'RAFT=TRACE',
        'memory.pressure.clean_percent': '80',
      });
    });
    const refused = await patch({ 'logging.level': 'LOUD', 'no.such': 1 });
    expect(refused.status).toBe(400);
    expect((JSON.parse(refused.body) as { errors: unknown[] }).errors).toHaveLength(2);
    expect((await patch({ 'logging.components': null, 'memory.pressure.clean_percent': null })).status).toBe(200);
    expect(await setting(second, 'memory.pressure.clean_percent')).toMatchObject({ value: '85', origin: 'default' });
  }, 60_000);

  it('are written into the file that a gateway was started with, and hold from there', async () => {
    const [first] = cluster.gateways;
    expect(await run(first, 'CONFIG', 'REWRITE')).toBe('-ERR The server is running without a config file');
    const third = cluster.add('gateway', 'gateway-3', { HC_CONFIG: file });
    await third.start();
    expect(await run(third, 'CONFIG', 'SET', 'limits.request_timeout_ms', '1500')).toBe('OK');
    expect(await run(third, 'CONFIG', 'REWRITE')).toBe('OK');
    const text = readFileSync(file, 'utf8');
    expect(text).toContain(FILE.replace('1000', '1500').trimEnd());
    expect(await run(first, 'CONFIG', 'SET', 'maxclients', 'default', 'request-timeout-ms', 'default')).toBe('OK');
    await third.kill();
    await third.start();
    expect(await setting(third, 'limits.max_clients')).toMatchObject({ value: '80', origin: `${file}:5` });
    expect(await read(third, 'request-timeout-ms')).toEqual({ 'request-timeout-ms': '1500' });
    await third.terminate();
  }, 60_000);
});
