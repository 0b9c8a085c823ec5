// Stores and keys as nobody should give them, over RESP and REST: what is refused names its path, the value and what is
// allowed; what is only odd works like anything else.
import { withRaw } from './client-cases/target.js';
import { type Standalone, startStandalone } from './support/hypercache.js';
import type { RawConnection } from './support/raw-connection.js';
import { rest, type RestAnswer } from './support/rest-client.js';
import { eventually } from './support/until.js';

const MIB = 1024 * 1024;
const KIB = 1024;

let standalone: Standalone;
beforeAll(async () => {
  standalone = await startStandalone({ HC_NODE_MEMORY_LIMIT: '64mb' });
}, 120_000);
afterAll(() => standalone?.stop());

const withClient = <T>(body: (raw: RawConnection) => Promise<T>): Promise<T> =>
  withRaw(standalone.service.ports.respPort, body);
const run = (...words: (string | Uint8Array)[]): Promise<unknown> => withClient((raw) => raw.run(...words));
const call = (method: string, path: string, body?: object | string): Promise<RestAnswer> =>
  rest(standalone.service.ports.httpPort, method, path, {
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    headers: { 'content-type': typeof body === 'object' ? 'application/json' : 'application/octet-stream' },
  });
const inStore = <T>(store: string, body: (raw: RawConnection) => Promise<T>): Promise<T> =>
  withClient(async (raw) => {
    expect(await raw.run('SELECT', store)).toBe('OK');
    return body(raw);
  });

async function statistic(store: string, name: string): Promise<number> {
  const flat = (await run('HSTATS', store)) as (string | number)[];
  return Number(flat[flat.indexOf(name) + 1]);
}

describe('definitions that are wrong', () => {
  it.each<[string[], RegExp]>([
    [['MAXMEMORY', '-1'], /MAXMEMORY '-1': use bytes, such as 100mb/],
    [['MAXMEMORY', '-5mb'], /MAXMEMORY '-5mb': use bytes/],
    [['MAXMEMORY', '1.5mb'], /MAXMEMORY '1.5mb': use bytes/],
    [['MAXMEMORY', 'NaN'], /MAXMEMORY 'NaN': use bytes/],
    [['MAXMEMORY', '1'], /MAXMEMORY 1: use 0 \(none of its own\) or 1048576/],
    [['MAXMEMORY', '99999999999tb'], /MAXMEMORY/],
    [['TTL', '-1'], /TTL '-1': use milliseconds/],
    [['MAXTTL', '-1'], /MAXTTL '-1': use milliseconds/],
    [['IDLE', '5'], /IDLE 5: is for stores of type session; use 0/],
    [['POLICY', 'fifo'], /POLICY 'fifo': use sieve, s3-fifo, w-tinylfu, lru, ttl-only, session, noeviction/],
    [['POLICY', '__proto__'], /POLICY '__proto__': use sieve/],
    [['POLICY', ''], /POLICY '': use sieve/],
    [['POLICY', 'session'], /POLICY "session": is for stores of type session/],
    [['TYPE', 'constructor'], /TYPE 'constructor': use general, session, ttl-only/],
    [['TIMESTAMPS', 'perhaps'], /TIMESTAMPS 'perhaps': use yes or no/],
    [['COLOUR', 'red'], /unknown option 'COLOUR'; use TYPE, MAXMEMORY, POLICY/],
    [['MAXMEMORY'], /MAXMEMORY: its value is missing/],
  ])('are refused over RESP: %j', async (options, fault) => {
    expect(await run('STORE', 'CREATE', 'wrong', ...options)).toMatch(new RegExp(`^-ERR.*${fault.source}`));
    expect(await run('SELECT', 'wrong')).toMatch(/^-ERR/);
  });

  it.each<[object, RegExp]>([
    [{ memory_limit_bytes: -1 }, /memory.*-1.*1048576/i],
    [{ memory_limit_bytes: 1 }, /memory.*\b1\b.*1048576/i],
    [{ memory_limit_bytes: 1.5 }, /memory_limit_bytes.*1.5.*integer/],
    [{ memory_limit_bytes: '5mb' }, /memory_limit_bytes.*5mb.*integer/],
    [{ policy: 'fifo' }, /policy.*fifo.*sieve/],
    [{ policy: '__proto__' }, /policy.*__proto__.*sieve/],
    [{ type: 'cache' }, /type.*cache.*general/],
    [{ default_ttl_ms: -5 }, /ttl.*-5/i],
    [{ timestamps: 'perhaps' }, /timestamps.*perhaps.*true or false/],
    [{ colour: 'red' }, /colour/],
  ])('are refused over REST: %j', async (fields, fault) => {
    const { status, body } = await call('POST', 'stores', { name: 'wrong', ...fields });
    expect(status).toBe(400);
    expect(body).toMatch(fault);
    expect((await call('GET', 'stores/wrong')).status).toBe(404);
  });

  it.each([
    '__proto__',
    'constructor',
    'prototype',
    'all',
    'LIST',
    'info',
    'none',
    'null',
    '7',
    '',
    'a b',
    'x'.repeat(65),
    'ä',
    'a\0',
  ])('have names that are refused: %j', async (name) => {
    const bytes = Buffer.from(name);
    expect(await run('STORE', 'CREATE', bytes)).toMatch(/^-ERR name /);
    const { status, body } = await call('POST', 'stores', { name });
    expect([status, body]).toEqual([400, expect.stringContaining('name')]);
    for (const command of ['DROP', 'INFO']) expect(await run('STORE', command, bytes)).toMatch(/^-ERR/);
    expect(await run('HSTATS', bytes)).toMatch(/^-ERR/);
  });

  it('leave nothing behind', async () => {
    const stores = JSON.parse((await call('GET', 'stores')).body) as { stores: { name: string }[] };
    expect(stores.stores.map(({ name }) => name)).toEqual(['default']);
  });
});

describe('keys that are odd', () => {
  const everyByte = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  const longest = Buffer.from('k'.repeat(64 * KIB));
  const keys: [string, Uint8Array][] = [
    ['__proto__', Buffer.from('__proto__')],
    ['constructor', Buffer.from('constructor')],
    ['an empty one', new Uint8Array(0)],
    ['every byte', everyByte],
    ['64 KiB', longest],
  ];

  it.each(keys)('work over RESP: %s', (_, key) =>
    inStore('default', async (raw) => {
      const text = Buffer.from(key).toString('latin1');
      expect(await raw.run('SET', key, everyByte)).toBe('OK');
      expect(await raw.run('GET', key)).toBe(Buffer.from(everyByte).toString('latin1'));
      expect(await raw.run('MGET', key, 'absent', key)).toEqual([expect.any(String), null, expect.any(String)]);
      expect(await raw.run('EXPIRE', key, '100')).toBe(1);
      expect(await raw.run('HENTRY', key)).toEqual(expect.arrayContaining(['key_bytes', key.length]));
      const found: unknown[] = [];
      let cursor: unknown = '0';
      do {
        const [next, page] = (await raw.run('SCAN', String(cursor), 'COUNT', '1000')) as [string, string[]];
        found.push(...page);
        cursor = next;
      } while (cursor !== '0');
      expect(found).toEqual([text]);
      expect(await raw.run('DEL', key)).toBe(1);
      expect(await raw.run('GET', key)).toBeNull();
    }),
  );

  it.each(keys)('work over REST: %s', async (_, key) => {
    const path = `stores/default/keys/${Buffer.from(key).toString('base64url')}?encoding=base64url`;
    if (key.length === 0 || key.length > 8 * KIB) {
      // A path cannot name the empty key, nor one longer than a request's head may be: batches take both.
      const entries = [{ key: Buffer.from(key).toString('latin1'), value: 'v' }];
      const set = await call('POST', 'stores/default/batch/set', { entries });
      expect([set.status, set.body]).toEqual([200, expect.stringContaining('"status":201')]);
      expect(await run('GET', key)).toBe('v');
    } else {
      expect((await call('PUT', path, 'value')).status).toBe(201);
      expect((await call('GET', path)).body).toBe('value');
      expect((await call('DELETE', path)).status).toBe(204);
      expect((await call('GET', path)).status).toBe(404);
    }
    await run('DEL', key);
  });

  it('longer than 64 KiB are refused, and say so', async () => {
    const tooLong = new Uint8Array(64 * KIB + 1).fill(0x61);
    expect(await run('SET', tooLong, 'v')).toBe('-ERR key exceeds 65536 bytes');
    expect(await run('GET', tooLong)).toBe('-ERR key exceeds 65536 bytes');
    expect(await run('DBSIZE')).toBe(0);
  });
});

describe('entries and limits that do not fit', () => {
  it('are refused where a value is larger than its store, over RESP and REST', async () => {
    expect(await run('STORE', 'CREATE', 'tiny', 'MAXMEMORY', '1mb')).toBe('OK');
    const value = 'x'.repeat(2 * MIB);
    await inStore('tiny', async (raw) => {
      expect(await raw.run('SET', 'kept', 'v')).toBe('OK');
      const fault =
        /^-OOM the entry is too large for its store: 20971\d\d bytes, and store 'tiny' may use 1048576 on this node/;
      expect(await raw.run('SET', 'huge', value)).toMatch(fault);
      expect(await raw.run('SET', 'kept', value)).toMatch(fault);
      expect(await raw.run('APPEND', 'kept', value)).toMatch(fault);
      expect(await raw.run('GET', 'kept')).toBe('v');
    });
    const { status, body } = await call('PUT', 'stores/tiny/keys/huge', value);
    expect(status).toBe(413);
    expect(JSON.parse(body)).toMatchObject({ code: 'ENTRY_TOO_LARGE', retriable: false });
    expect((await call('GET', 'stores/tiny/keys/kept')).body).toBe('v');
    expect(await run('STORE', 'DROP', 'tiny')).toBe('OK');
  });

  it('shrink a store in steps where the limit is set below what is used, and nothing else', async () => {
    expect(await run('STORE', 'CREATE', 'shrinking', 'MAXMEMORY', '16mb')).toBe('OK');
    expect(await run('STORE', 'CREATE', 'beside', 'MAXMEMORY', '16mb')).toBe('OK');
    const value = (i: number): string => `${i}:`.padEnd(1_000, 'x');
    for (const store of ['shrinking', 'beside']) {
      await inStore(store, async (raw) => {
        for (let i = 0; i < 10_000; i++) raw.send('SET', `k${i}`, value(i));
        await raw.replies(10_000);
      });
    }
    let usedBytes = await statistic('shrinking', 'used_bytes');
    expect(usedBytes).toBeGreaterThan(9 * MIB);
    expect(await run('STORE', 'ALTER', 'shrinking', 'MAXMEMORY', '2mb')).toBe('OK');
    await eventually('the store is within its limit and shrinks no more', async () => {
      const now = await statistic('shrinking', 'used_bytes');
      const stands = now === usedBytes;
      usedBytes = now;
      expect([stands, now <= 2 * MIB]).toEqual([true, true]);
    });
    await inStore('shrinking', async (raw) => {
      const left = (await raw.run('DBSIZE')) as number;
      expect(left).toBeGreaterThan(1_000);
      let found = 0;
      for (let i = 0; i < 10_000; i++) raw.send('GET', `k${i}`);
      for (let i = 0; i < 10_000; i++) {
        const read = await raw.next();
        if (read === null) continue;
        expect(read).toBe(value(i));
        found++;
      }
      expect(found).toBe(left);
      expect(await raw.run('SET', 'new', value(1))).toBe('OK');
    });
    await inStore('beside', async (raw) => expect(await raw.run('DBSIZE')).toBe(10_000));
  }, 60_000);
});
