// ioredis with its default options, its pipelines, and its cluster client.
import { Cluster, Redis } from 'ioredis';
import type { AskTarget } from './target.js';

async function withClient<C extends Redis | Cluster>(client: C, body: (client: C) => Promise<void>): Promise<void> {
  try {
    await body(client);
  } finally {
    client.disconnect();
  }
}

export function ioredisCases(target: AskTarget): void {
  const connected = (body: (redis: Redis) => Promise<void>): Promise<void> =>
    withClient(new Redis(target().respPorts[0]), body);

  describe('ioredis', () => {
    it('works with default options', () =>
      connected(async (redis) => {
        expect(await redis.set('user:1', 'Ada', 'EX', 100)).toBe('OK');
        expect(await redis.get('user:1')).toBe('Ada');
        expect(await redis.ttl('user:1')).toBe(100);
        expect(await redis.set('user:1', 'x', 'NX')).toBeNull();
        const bytes = Buffer.from([0, 255, 13, 10, 128]);
        await redis.set('bytes', bytes);
        expect(await redis.getBuffer('bytes')).toEqual(bytes);
        await redis.mset(new Map([['a', '1'], ['b', '2']])); // prettier-ignore
        expect(await redis.mget('a', 'b', 'missing')).toEqual(['1', '2', null]);
        expect(await redis.del('a', 'b', 'missing')).toBe(2);
        await expect(redis.incr('user:1')).rejects.toThrow('value is not an integer or out of range');
      }));

    it('sends pipelines and gets each reply at its place, errors included', () =>
      connected(async (redis) => {
        const pipeline = redis.pipeline();
        for (let i = 0; i < 2_000; i++) pipeline.set(`pipe:${i}`, i).get(`pipe:${i}`);
        pipeline.incr('pipe:0').set('text', 'x').incr('text').incr('pipe:0');
        const replies = (await pipeline.exec()) ?? [];
        expect(replies).toHaveLength(4_004);
        expect(
          replies
            .slice(0, 4_000)
            .every(([error, value], i) => !error && value === (i % 2 === 0 ? 'OK' : String((i - 1) / 2))),
        ).toBe(true);
        expect(replies[4_000]).toEqual([null, 1]);
        expect(replies[4_002][0]?.message).toMatch(/^ERR value is not an integer/);
        expect(replies[4_003]).toEqual([null, 2]);
      }));

    it('walks over all keys with its scan stream', () =>
      connected(async (redis) => {
        const keys = Array.from({ length: 1_000 }, (_, i) => `stream:${i}`);
        await redis.mset(...keys.flatMap((key) => [key, 'v']));
        const seen = new Set<string>();
        for await (const page of redis.scanStream({ match: 'stream:*', count: 100 })) {
          for (const key of page as string[]) seen.add(key);
        }
        expect([...seen].sort()).toEqual(keys.toSorted());
      }));

    it('selects a database by its options', () =>
      withClient(new Redis({ port: target().respPorts[0], db: 5 }), async (redis) => {
        await redis.set('in-five', 'v');
        expect(await redis.get('in-five')).toBe('v');
        await redis.select(0);
        expect(await redis.get('in-five')).toBeNull();
      }));

    it('discovers the gateways as a cluster, and reaches every key', async () => {
      const nodes = target().respPorts.map((port) => ({ host: '127.0.0.1', port }));
      if (target().mode === 'standalone') {
        await connected(async (redis) => {
          await expect(redis.cluster('SLOTS')).rejects.toThrow('This instance has cluster support disabled');
        });
        return;
      }
      await withClient(new Cluster(nodes), async (cluster) => {
        const keys = Array.from({ length: 500 }, (_, i) => `c:${i}`);
        await Promise.all(keys.map((key) => cluster.set(key, `value of ${key}`)));
        expect(await Promise.all(keys.map((key) => cluster.get(key)))).toEqual(keys.map((key) => `value of ${key}`));
        const pipeline = cluster.pipeline();
        pipeline.set('{tag}a', '1').incr('{tag}a').get('{tag}a');
        expect(await pipeline.exec()).toEqual([[null, 'OK'], [null, 2], [null, '2']]); // prettier-ignore
        expect(
          cluster
            .nodes()
            .map(({ options }) => options.port)
            .sort(),
        ).toEqual(target().respPorts.toSorted());
      });
    });
  });
}
