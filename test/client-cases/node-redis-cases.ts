// node-redis over RESP2 and RESP3: what it pipelines by itself, its iterator, and replies as the types that it is told.
import { createClient, RESP_TYPES } from 'redis';
import type { AskTarget } from './target.js';

export function nodeRedisCases(target: AskTarget): void {
  describe.each([2, 3] as const)('node-redis over RESP%i', (RESP) => {
    const clientOf = (url: string) => createClient({ url, RESP, socket: { reconnectStrategy: false } });
    type Client = ReturnType<typeof clientOf>;

    async function connected(
      body: (client: Client) => Promise<void>,
      url = `redis://127.0.0.1:${target().respPorts[0]}`,
    ): Promise<void> {
      const client = clientOf(url);
      client.on('error', () => undefined);
      try {
        await client.connect();
        await body(client);
      } finally {
        if (client.isOpen) client.destroy();
      }
    }

    it('reads and writes', () =>
      connected(async (client) => {
        expect(await client.set('k', 'v', { expiration: { type: 'EX', value: 60 } })).toBe('OK');
        expect(await client.get('k')).toBe('v');
        expect(await client.ttl('k')).toBe(60);
        expect(await client.getEx('k', { type: 'PERSIST' })).toBe('v');
        expect(await client.expireTime('k')).toBe(-1);
        expect(await client.incrByFloat('f', 1.5)).toBe('1.5');
        expect(await client.set('k', 'w', { condition: 'NX' })).toBeNull();
        await expect(client.incr('k')).rejects.toThrow('value is not an integer or out of range');
        expect(await client.get('missing')).toBeNull();
      }));

    it('pipelines what is asked at once', () =>
      connected(async (client) => {
        const indexes = Array.from({ length: 3_000 }, (_, i) => i);
        await Promise.all(indexes.map((i) => client.set(`auto:${i}`, String(i))));
        const values = await Promise.all(indexes.map((i) => client.get(`auto:${i}`)));
        expect(values).toEqual(indexes.map(String));
        expect(await client.multi().set('x', '1').incr('x').get('x').execAsPipeline()).toEqual(['OK', 2, '2']);
      }));

    it('uses many keys in one command', () =>
      connected(async (client) => {
        const entries = Array.from({ length: 500 }, (_, i) => [`multi:${i}`, String(i)] as [string, string]);
        expect(await client.mSet(entries)).toBe('OK');
        expect(await client.mGet(entries.map(([key]) => key))).toEqual(entries.map(([, value]) => value));
        expect(await client.exists(entries.map(([key]) => key))).toBe(500);
        expect(await client.mSetNX([['{n}1', 'a'], ['{n}2', 'b']])).toBe(1); // prettier-ignore
        expect(await client.del(entries.map(([key]) => key))).toBe(500);
      }));

    it('walks over all keys with its iterator', () =>
      connected(async (client) => {
        const entries = Array.from({ length: 1_000 }, (_, i) => [`iterate:${i}`, 'v'] as [string, string]);
        await client.mSet(entries);
        const seen = new Set<string>();
        for await (const page of client.scanIterator({ MATCH: 'iterate:*', COUNT: 100 })) {
          for (const key of page) seen.add(key);
        }
        expect(seen.size).toBe(1_000);
      }));

    it('answers in the types that it is told', () =>
      connected(async (client) => {
        const bytes = Buffer.from([0, 1, 254, 255]);
        const typed = client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
        await client.set('typed', bytes);
        expect(await typed.get('typed')).toEqual(bytes);
        expect(await typed.mGet(['typed', 'missing'])).toEqual([bytes, null]);
      }));

    it('selects a database by its URL', () =>
      connected(async (client) => {
        await client.set('in-four', 'v');
        expect(await client.dbSize()).toBe(1);
        await client.flushDb();
        expect(await client.dbSize()).toBe(0);
        expect(await client.clientInfo()).toMatchObject({ db: 4, resp: RESP });
      }, `redis://127.0.0.1:${target().respPorts[0]}/4`));
  });
}
