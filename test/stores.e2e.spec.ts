// Stores that are created, changed and dropped while a real cluster runs: at one gateway, used at another, kept over a
// restart of the coordinator.
import { withRaw } from './client-cases/target.js';
import { startCluster, type HyperCacheCluster } from './support/hypercache.js';
import type { RawConnection } from './support/raw-connection.js';
import { rest } from './support/rest-client.js';
import type { ServiceProcess } from './support/service-process.js';
import { eventually } from './support/until.js';

const MIB = 1024 * 1024;
const VALUE = 'v'.repeat(100_000);

let cluster: HyperCacheCluster;

beforeAll(async () => {
  cluster = await startCluster({ gateways: 2, storageNodes: 2, environment: { HC_LOG_LEVEL: 'INFO' } });
}, 120_000);
afterAll(() => cluster?.stop());

const at = <T>(gateway: ServiceProcess, body: (raw: RawConnection) => Promise<T>): Promise<T> =>
  withRaw(gateway.ports.respPort, body);
const run = (gateway: ServiceProcess, ...words: string[]): Promise<unknown> => at(gateway, (raw) => raw.run(...words));

/** A connection at the gateway that has selected the store, once the gateway knows it. */
function inStore<T>(gateway: ServiceProcess, store: string, body: (raw: RawConnection) => Promise<T>): Promise<T> {
  return at(gateway, async (raw) => {
    await eventually('the gateway knows the store', async () => expect(await raw.run('SELECT', store)).toBe('OK'));
    return body(raw);
  });
}

function fieldsOf(reply: unknown): Record<string, unknown> {
  const flat = reply as unknown[];
  return Object.fromEntries(Array.from({ length: flat.length / 2 }, (_, i) => [String(flat[2 * i]), flat[2 * i + 1]]));
}

describe('stores at run time', () => {
  it('are created at one gateway and used at another', async () => {
    const [first, second] = cluster.gateways;
    expect(await run(first, 'STORE', 'CREATE', 'web', 'TYPE', 'session', 'MAXMEMORY', '64mb')).toBe('OK');
    await at(first, async (raw) => {
      expect(await raw.run('SELECT', 'web')).toBe('OK');
      for (let i = 0; i < 50; i++) expect(await raw.run('SET', `key:${i}`, 'a')).toBe('OK');
    });
    await inStore(second, 'web', async (raw) => {
      expect(await raw.run('GET', 'key:7')).toBe('a');
      expect(await raw.run('DBSIZE')).toBe(50);
      expect(await raw.run('SELECT', '0')).toBe('OK');
      expect(await raw.run('GET', 'key:7')).toBeNull();
    });
    expect(fieldsOf(await run(second, 'STORE', 'INFO', 'web'))).toMatchObject({ type: 'session', nodes: 2, items: 50 });
    expect(await run(first, 'STORE', 'CREATE', 'web')).toBe('-ERR there is a store "web" already');
  }, 60_000);

  it('follow a changed limit', async () => {
    const [first, second] = cluster.gateways;
    expect(await run(first, 'STORE', 'CREATE', 'small', 'MAXMEMORY', '2mb', 'POLICY', 'noeviction')).toBe('OK');
    await inStore(second, 'small', async (raw) => {
      await eventually('a write is refused', async () => {
        for (let i = 0; i < 80; i++) if (String(await raw.run('SET', `large:${i}`, VALUE)).startsWith('-OOM')) return;
        throw new Error('everything was taken');
      });
      expect(await run(first, 'STORE', 'ALTER', 'small', 'MAXMEMORY', '64mb')).toBe('OK');
      await eventually('writes are taken again', async () => {
        for (let i = 0; i < 80; i++) expect(await raw.run('SET', `large:${i}`, VALUE)).toBe('OK');
      });
    });
    const { used_bytes, limit_bytes } = fieldsOf(await run(second, 'HSTATS', 'small'));
    expect(limit_bytes).toBe(2 * 64 * MIB);
    expect(used_bytes).toBeGreaterThan(80 * VALUE.length);
  }, 60_000);

  it('are gone with their entries when they are dropped, also for those who use them', async () => {
    const [first, second] = cluster.gateways;
    await inStore(second, 'small', async (raw) => {
      expect(await run(first, 'STORE', 'DROP', 'small')).toBe('OK');
      await eventually('the store is unknown', async () =>
        expect(await raw.run('GET', 'large:1')).toMatch(/^-ERR unknown store/),
      );
      expect(await run(first, 'STORE', 'CREATE', 'small')).toBe('OK');
      expect(await raw.run('GET', 'large:1')).toMatch(/^-ERR unknown store/);
      await eventually('the new store is there', async () => expect(await raw.run('SELECT', 'small')).toBe('OK'));
      await eventually('it is another store', async () => expect(await raw.run('GET', 'large:1')).toBeNull());
      expect(await raw.run('DBSIZE')).toBe(0);
    });
  }, 60_000);

  it('are kept over a restart of the coordinator, without which none can be changed', async () => {
    const [first, second] = cluster.gateways;
    expect(await run(first, 'STORE', 'ALTER', 'web', 'TTL', '60000', 'TTLPREFIX', 'cart:', '5000')).toBe('OK');
    await cluster.coordinator.kill();
    expect(await run(first, 'STORE', 'CREATE', 'late')).toMatch(/^-(?:CLUSTERDOWN|TIMEOUT) /);
    await inStore(first, 'web', async (raw) => expect(await raw.run('GET', 'key:7')).toBe('a'));
    await cluster.coordinator.start();
    await cluster.whenReady();
    const names = ((await run(second, 'STORE', 'LIST')) as unknown[]).map((store) => fieldsOf(store).name);
    expect(names).toEqual(['default', 'web', 'small']);
    expect(fieldsOf(await run(second, 'STORE', 'INFO', 'web'))).toMatchObject({
      default_ttl_ms: 60_000,
      ttl_prefixes: ['cart:', 5000],
      items: 50,
    });
    await eventually('changes are made again', async () =>
      expect(await run(second, 'STORE', 'ALTER', 'web', 'TTL', '0')).toBe('OK'),
    );
  }, 60_000);

  it('are changed over REST as well', async () => {
    const [first, second] = cluster.gateways;
    const send = (gateway: ServiceProcess, method: string, path: string, body?: unknown) =>
      rest(gateway.ports.httpPort, method, path, {
        headers: { 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    const created = await send(first, 'POST', 'stores', { name: 'api', type: 'ttl-only', memory_limit_bytes: 8 * MIB });
    expect(created.status).toBe(201);
    await inStore(second, 'api', async (raw) => {
      expect(await raw.run('SET', 'k', 'v')).toBe('OK');
      expect(await raw.run('PTTL', 'k')).toBeGreaterThan(3_500_000);
    });
    const stats = await send(first, 'GET', 'stores/api/stats');
    expect(JSON.parse(stats.body)).toMatchObject({ store: 'api', nodes: 2, items: 1, expiring_items: 1 });
    expect((await send(second, 'PATCH', 'stores/api', { default_ttl_ms: null })).status).toBe(200);
    expect((await send(second, 'DELETE', 'stores/api')).status).toBe(204);
    expect((await send(second, 'GET', 'stores/api')).status).toBe(404);
  }, 60_000);

  it('are seen in one reply with the cluster', async () => {
    expect(fieldsOf(await run(cluster.gateways[0], 'CLUSTER_INFO'))).toMatchObject({
      state: 'ok',
      storage_nodes_up: 2,
      gateways_up: 2,
      stores: 3,
      items: 50,
    });
  });
});
