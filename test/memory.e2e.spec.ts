// Stores with little memory, as Redis clients see them: they evict, keep what is used, and never use more than they may.
import { Redis } from 'ioredis';
import { type Standalone, startStandalone } from './support/hypercache.js';
import { until } from './support/until.js';

const MIB = 1024 * 1024;
const LIMIT = 2 * MIB;
const VALUE = 'x'.repeat(200);
const OOM = "OOM command not allowed when used memory > 'maxmemory'.";

let standalone: Standalone;
let redis: Redis;

beforeAll(async () => {
  standalone = await startStandalone({ HC_MEMORY_LIMIT: '2mb', HC_NODE_MEMORY_LIMIT: '8mb' });
  redis = new Redis(standalone.service.ports.respPort);
}, 120_000);

afterAll(async () => {
  redis?.disconnect();
  await standalone?.stop();
});

/** The value of a metric of the storage node; labels in the order in which they are written. */
async function metric(name: string, labels: string): Promise<number> {
  const { body } = await standalone.service.admin('/metrics');
  const line = body.split('\n').find((each) => each.startsWith(`hypercache_${name}{${labels}`));
  return Number(line?.slice(line.lastIndexOf(' ') + 1));
}

const used = (store: string): Promise<number> => metric('memory_usage_bytes', `store="${store}"`);

/** Fills in pipelines; answers the errors that came back. */
async function fill(client: Redis, prefix: string, count: number, watch: () => Promise<void>): Promise<string[]> {
  const errors: string[] = [];
  for (let from = 0; from < count; from += 500) {
    const pipeline = client.pipeline();
    for (let i = from; i < from + 500; i++) pipeline.set(`${prefix}:${i}`, VALUE);
    for (const [error] of (await pipeline.exec()) ?? []) if (error !== null) errors.push(error.message);
    await watch();
  }
  return errors;
}

async function inStore<T>(name: string, body: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(standalone.service.ports.respPort);
  try {
    await client.call('SELECT', name);
    return await body(client);
  } finally {
    client.disconnect();
  }
}

describe('a store with little memory', () => {
  it('evicts what is not used, keeps what is, and stays within its limit', async () => {
    const hot = Array.from({ length: 100 }, (_, i) => `hot:${i}`);
    for (const key of hot) await redis.set(key, key);
    let highest = 0;
    const errors = await fill(redis, 'cold', 40_000, async () => {
      expect(await redis.mget(...hot)).toHaveLength(hot.length);
      highest = Math.max(highest, await used('default'));
    });
    expect(errors).toEqual([]);
    expect(highest).toBeGreaterThan(LIMIT * 0.8);
    expect(highest).toBeLessThanOrEqual(LIMIT);
    expect(await metric('memory_limit_bytes', 'store="default"')).toBe(LIMIT);
    expect(await metric('evictions_total', 'store="default",cause="pressure"')).toBeGreaterThan(20_000);
    const kept = (await redis.mget(...hot)).filter((value) => value !== null);
    expect(kept.length).toBeGreaterThan(90);
    expect(await redis.get('cold:0')).toBeNull();
    expect(await redis.get('cold:39999')).toBe(VALUE);
  });

  it('answers OOM where it may not evict, says so in its readiness, and lets go of nothing', async () => {
    await redis.call('STORE', 'CREATE', 'ledger', 'MAXMEMORY', '1mb', 'POLICY', 'noeviction');
    await inStore('ledger', async (ledger) => {
      const errors = await fill(ledger, 'row', 8_000, async () => {
        expect(await used('ledger')).toBeLessThanOrEqual(MIB);
      });
      expect(new Set(errors)).toEqual(new Set([OOM]));
      expect(await metric('memory_refusals_total', 'store="ledger"')).toBe(errors.length);
      expect(await ledger.get('row:0')).toBe(VALUE);
      expect(await metric('evictions_total', 'store="ledger",cause="pressure"')).toBe(0);
    });
    const { status, body } = await standalone.service.admin('/readyz');
    expect([status, body]).toEqual([200, expect.stringMatching(/"degraded","reasons":\["store 'ledger' uses \d+ of/)]);
  });

  it('takes writes again once its limit is raised, and shrinks when it is lowered', async () => {
    await redis.call('STORE', 'ALTER', 'ledger', 'MAXMEMORY', '4mb', 'POLICY', 'sieve');
    await inStore('ledger', async (ledger) => {
      expect(await fill(ledger, 'more', 8_000, async () => {})).toEqual([]);
      expect(await used('ledger')).toBeGreaterThan(1.5 * MIB);
      await redis.call('STORE', 'ALTER', 'ledger', 'MAXMEMORY', '1mb');
      await until('the store is within its new limit', async () => (await used('ledger')) <= MIB);
      expect(await metric('evictions_total', 'store="ledger",cause="limit"')).toBeGreaterThan(1_000);
      expect(await ledger.get('more:7999')).toBe(VALUE);
    });
  });

  it('refuses what can never fit, and says why', async () => {
    const before = await redis.dbsize();
    await expect(redis.set('huge', 'x'.repeat(3 * MIB))).rejects.toThrow(
      /OOM the entry is too large for its store: 31457\d\d bytes, and store 'default' may use 2097152 on this node/,
    );
    expect(await redis.dbsize()).toBe(before);
  });

  it('gives its memory to the others when it is dropped', async () => {
    await redis.call('STORE', 'DROP', 'ledger');
    await until('the store is gone', async () => Number.isNaN(await used('ledger')));
    expect(await metric('node_memory_usage_bytes', '')).toBe(await used('default'));
  });
});
