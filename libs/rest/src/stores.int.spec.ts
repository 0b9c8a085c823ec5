import { RestFixture } from './testing/rest-fixture.js';

describe('stores over REST', () => {
  let rest: RestFixture;
  beforeEach(async () => {
    rest = await RestFixture.start();
  });
  afterEach(() => rest.stop());

  interface Answer {
    readonly status: number;
    readonly json: unknown;
    readonly headers: Headers;
  }

  const send = async (method: string, path: string, body?: unknown): Promise<Answer> => {
    const init = { method, headers: { 'content-type': 'application/json' } };
    const response = await rest.fetch(
      `/api/v1/${path}`,
      body === undefined ? init : { ...init, body: JSON.stringify(body) },
    );
    const text = await response.text();
    return { status: response.status, json: text === '' ? undefined : JSON.parse(text), headers: response.headers };
  };

  it('are created with the preset of their type, and found at their place', async () => {
    const body = { name: 'web', type: 'session', memory_limit_bytes: 2_097_152, filter: { enabled: true } };
    const created = await send('POST', 'stores', body);
    expect(created).toMatchObject({ status: 201, json: { policy: 'session', idle_ttl_ms: 1_800_000 } });
    expect(created.headers.get('location')).toBe('/api/v1/stores/web');
    const { json } = await send('GET', 'stores/web');
    expect(json).toMatchObject({
      memory_limit_bytes: 2_097_152,
      filter: { enabled: true, false_positive_rate: 0.01 },
      statistics: { keys: 0 },
    });
  });

  it('are changed in what is given, null taking a time to live away', async () => {
    const body = { default_ttl_ms: null, policy: 'volatile-lfu', idle_ttl_ms: null };
    expect(await send('PATCH', 'stores/sessions', body)).toMatchObject({
      status: 200,
      json: { default_ttl_ms: null, policy: 'w-tinylfu', eviction_scope: 'volatile', memory_limit_bytes: 5_000_000 },
    });
    const prefixes = [{ prefix: 'cart:', ttl_ms: 60_000 }];
    expect(await send('PATCH', 'stores/sessions', { ttl_prefixes: prefixes })).toMatchObject({
      json: { ttl_prefixes: prefixes },
    });
    expect(await send('PATCH', 'stores/sessions', { ttl_prefixes: null })).toMatchObject({
      json: { ttl_prefixes: [] },
    });
  });

  it('are dropped, but for the default one', async () => {
    expect(await send('DELETE', 'stores/sessions')).toMatchObject({ status: 204, json: undefined });
    expect(await send('GET', 'stores/sessions')).toMatchObject({ status: 404 });
    expect(await send('DELETE', 'stores/default')).toMatchObject({
      status: 400,
      json: { detail: 'the store "default" cannot be dropped' },
    });
  });

  it('tell which there are where one is not there, whatever is asked of it', async () => {
    const requests: [string, string, unknown?][] = [
      ['GET', ''],
      ['GET', '/stats'],
      ['GET', '/filter'],
      ['PUT', '/filter', {}],
      ['PATCH', '', {}],
      ['DELETE', ''],
    ];
    for (const [method, path, body] of requests) {
      expect(await send(method, `stores/wep${path}`, body)).toMatchObject({
        status: 404,
        json: { code: 'UNKNOWN_STORE', detail: 'there is no store "wep"; stores: default, sessions' },
      });
    }
  });

  it.each([
    [{ name: 'default' }, 409, /"default" already/],
    [{ name: 'a b' }, 400, /use 1 to 64 letters/],
    [{ name: 'constructor' }, 400, /reserved/],
    [{}, 400, /name/],
    [{ name: 'x', size: 5 }, 400, /only the fields/],
    [{ name: 'x', type: 'cache' }, 400, /general, session, ttl-only/],
    [{ name: 'x', policy: 'fifo' }, 400, /sieve, s3-fifo/],
    [{ name: 'x', eviction_scope: 'some' }, 400, /all, volatile/],
    [{ name: 'x', memory_limit_bytes: 5 }, 400, /1048576 \(1mb\)/],
    [{ name: 'x', memory_limit_bytes: -5 }, 400, /^memory_limit_bytes -5: .*1048576 \(1mb\)/],
    [{ name: 'x', default_ttl_ms: 'soon' }, 400, /integer of milliseconds/],
    [{ name: 'x', ttl_prefixes: [{ prefix: 'a' }] }, 400, /ttl_prefixes\[0\].ttl_ms/],
    [{ name: 'x', ttl_prefixes: [{ prefix: '', ttl_ms: 1 }] }, 400, /1 to 64 bytes/],
    [{ name: 'x', filter: { rate: 1 } }, 400, /filter.rate/],
    [{ name: 'x', filter: { false_positive_rate: 0.5 } }, 400, /0.0001 to 0.1/],
    [{ name: 'x', idle_ttl_ms: 5 }, 400, /stores of type session/],
    [[], 400, /an object/],
  ])('refuse %j', async (body, status, detail) => {
    const answer = await send('POST', 'stores', body);
    expect(answer).toMatchObject({ status, json: { detail: expect.stringMatching(detail) } });
    expect(rest.gateway.stores()).toHaveLength(2);
  });

  it('pass on that no coordinator is there, and that nobody knows', async () => {
    rest.gateway.outcomes.push(
      { ok: false, code: 'unavailable', reason: 'no coordinator is reachable; nothing was changed' },
      { ok: false, code: 'timeout', reason: 'the outcome is unknown' },
      { ok: false, code: 'full', reason: 'there are 256 stores already' },
    );
    expect(await send('POST', 'stores', { name: 'x' })).toMatchObject({ status: 503, json: { retriable: true } });
    expect(await send('PATCH', 'stores/sessions', {})).toMatchObject({ status: 504, json: { retriable: false } });
    expect(await send('POST', 'stores', { name: 'x' })).toMatchObject({ status: 409, json: { code: 'LIMIT_REACHED' } });
  });

  it('have statistics, added up over the storage nodes', async () => {
    expect(await send('GET', 'stores/sessions/stats')).toMatchObject({
      status: 200,
      json: { store: 'sessions', nodes: 2, items: 7, hits: 6, misses: 2, hit_ratio: 0.75, pressure: 'none' },
    });
    rest.gateway.failures.push('CLUSTERDOWN The cluster is down');
    expect(await send('GET', 'stores/sessions/stats')).toMatchObject({ status: 503 });
  });

  it('have a filter, which is set apart', async () => {
    const filter = { enabled: true, false_positive_rate: 0.001 };
    expect(await send('PUT', 'stores/sessions/filter', filter)).toMatchObject({ status: 200, json: filter });
    expect(await send('PUT', 'stores/sessions/filter', { enabled: false })).toMatchObject({
      json: { enabled: false, false_positive_rate: 0.001 },
    });
    expect(await send('GET', 'stores/sessions/filter')).toMatchObject({
      json: { enabled: false, statistics: { progress: 0.75, items: 9, absent: 5, estimated_rate: 0.02 } },
    });
    expect(await send('GET', 'stores/sessions/stats')).toMatchObject({
      json: { filter_enabled: false, filter_false_positive_rate: 0.001, filter_progress: 0.75, filter_items: 9 },
    });
    rest.gateway.failures.push('CLUSTERDOWN The cluster is down');
    expect(await send('GET', 'stores/sessions/filter')).toMatchObject({
      json: { enabled: false, statistics: null, statistics_error: 'The cluster is down' },
    });
    expect(await send('PUT', 'stores/sessions/filter', { enabled: 1 })).toMatchObject({ status: 400 });
  });

  it('can have policies, which are listed', async () => {
    const { json } = await send('GET', 'policies');
    expect(json).toMatchObject({
      policies: expect.arrayContaining([expect.objectContaining({ name: 'sieve', default_of: ['general'] })]),
    });
  });
});
