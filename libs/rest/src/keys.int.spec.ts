import { RestFixture } from './testing/rest-fixture.js';

const KEYS = '/api/v1/stores/default/keys';

describe('entries over REST', () => {
  let rest: RestFixture;
  beforeAll(async () => {
    rest = await RestFixture.start();
  });
  afterAll(() => rest.stop());
  beforeEach(() => {
    rest.gateway.entries.clear();
    rest.gateway.executed.length = 0;
  });

  const put = (
    key: string,
    body: Uint8Array<ArrayBuffer> | string,
    headers: Record<string, string> = {},
    query = '',
  ): Promise<Response> => rest.fetch(`${KEYS}/${key}${query}`, { method: 'PUT', body, headers });
  const lastWords = (): readonly string[] => rest.gateway.executed.at(-1)?.words ?? [];

  it('creates with 201, replaces with 204, reads back the bytes, and deletes with 204', async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    const created = await put('k', bytes);
    expect(created.status).toBe(201);
    expect(created.headers.get('etag')).toMatch(/^"[0-9a-f]{4}-[0-9a-f]{16}"$/);
    expect((await put('k', bytes)).status).toBe(204);
    const read = await rest.fetch(`${KEYS}/k`);
    expect(read.status).toBe(200);
    expect(read.headers.get('content-type')).toBe('application/octet-stream');
    expect(read.headers.get('content-length')).toBe('256');
    expect(read.headers.get('x-ttl-ms')).toBeNull();
    expect(new Uint8Array(await read.arrayBuffer())).toEqual(bytes);
    expect((await rest.fetch(`${KEYS}/k`, { method: 'DELETE' })).status).toBe(204);
    expect((await rest.fetch(`${KEYS}/k`)).status).toBe(404);
    expect((await rest.fetch(`${KEYS}/k`, { method: 'DELETE' })).status).toBe(404);
  });

  it('tells when an entry was created and changed, where the store keeps that', async () => {
    const createdAtMs = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
    const modifiedAtMs = Date.UTC(2026, 0, 2, 3, 4, 9);
    await put('k', 'v');
    const untimed = await rest.fetch(`${KEYS}/k`);
    expect([untimed.headers.get('last-modified'), untimed.headers.get('x-created-ms')]).toEqual([null, null]);
    const [[id, entry]] = rest.gateway.entries;
    rest.gateway.entries.set(id, { ...entry, createdAtMs, modifiedAtMs });
    const bytes = await rest.fetch(`${KEYS}/k`);
    expect(bytes.headers.get('last-modified')).toBe('Fri, 02 Jan 2026 03:04:09 GMT');
    expect(bytes.headers.get('x-created-ms')).toBe(String(createdAtMs));
    const json = await rest.fetch(`${KEYS}/k`, { headers: { Accept: 'application/json' } });
    expect(await json.json()).toMatchObject({ created_at_ms: createdAtMs, modified_at_ms: modifiedAtMs });
  });

  it.each([
    ['application/json', '{"not": closed'],
    ['application/x-www-form-urlencoded', 'a=%zz'],
    ['text/plain', 'text'],
    ['nonsense', ''],
  ])('stores a body of %s as it is', async (type, body) => {
    expect((await put('k', body, { 'Content-Type': type })).status).toBe(201);
    expect(await (await rest.fetch(`${KEYS}/k`)).text()).toBe(body);
  });

  it.each([
    ['%00', '\0'],
    ['%FF%fe', '\xff\xfe'],
    ['a%2Fb', 'a/b'],
    ['a/b', 'a/b'],
    ['a+b', 'a+b'],
    ['a%20b%3Fc%23d', 'a b?c#d'],
    ['%25zz', '%zz'],
    ['user:1', 'user:1'],
  ])('takes the key %s as bytes', async (path, key) => {
    expect((await put(path, 'v')).status).toBe(201);
    expect(lastWords()[1]).toBe(key);
    expect(await (await rest.fetch(`${KEYS}/${path}`)).text()).toBe('v');
  });

  it('takes keys as base64url', async () => {
    const key = Buffer.from([0, 0xff, 0x2f, 0x2e, 0x2e]);
    await put(key.toString('base64url'), 'v', {}, '?encoding=base64url');
    expect(lastWords()[1]).toBe(key.toString('latin1'));
  });

  it.each([
    ['%zz', '', 'key'],
    ['%f', '', 'key'],
    ['a*b', '?encoding=base64url', 'key'],
    ['abcde', '?encoding=base64url', 'key'],
    ['k', '?encoding=hex', 'encoding'],
    ['k', '?database=16', 'database'],
    ['k', '?database=1&database=2', 'database'],
    ['k', '?tll=5', 'tll'],
  ])('refuses GET %s%s and names the field %s', async (path, query, field) => {
    const response = await rest.fetch(`${KEYS}/${path}${query}`);
    expect(response.status).toBe(400);
    const problem = (await response.json()) as { code: string; errors: { field: string; allowed: string }[] };
    expect(problem.code).toBe('INVALID_REQUEST');
    expect(problem.errors[0]).toMatchObject({ field, allowed: expect.stringMatching(/./), value: expect.any(String) });
    expect(rest.gateway.executed).toEqual([]);
  });

  it('answers JSON with base64 to who accepts it', async () => {
    await put('k%ff', Uint8Array.of(0, 255), {}, '?ttl=60');
    const response = await rest.fetch(`${KEYS}/k%ff`, { headers: { Accept: 'application/json' } });
    expect(response.headers.get('content-type')).toBe('application/json');
    const etag = response.headers.get('etag')?.slice(1, -1);
    const times = { created_at_ms: null, modified_at_ms: null };
    expect(await response.json()).toEqual({
      key: 'a/8=',
      value: 'AP8=',
      encoding: 'base64',
      etag,
      ttl_ms: 60_000,
      ...times,
    });
  });

  it('answers HEAD as GET without the value', async () => {
    await put('k', 'value', { 'X-TTL-Ms': '1500' });
    const response = await rest.fetch(`${KEYS}/k`, { method: 'HEAD' });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-length')).toBe('5');
    expect(response.headers.get('x-ttl-ms')).toBe('1500');
    expect(await response.text()).toBe('');
    expect((await rest.fetch(`${KEYS}/other`, { method: 'HEAD' })).status).toBe(404);
  });

  describe('time to live', () => {
    it.each([
      ['?ttl=2', {}, ['PX', '2000']],
      ['?ttl_ms=25', {}, ['PX', '25']],
      ['', { 'X-TTL-Ms': '30' }, ['PX', '30']],
      ['?keep_ttl=true', {}, ['KEEPTTL']],
      ['?keep_ttl=false', {}, []],
      ['', {}, []],
    ])('%s %j', async (query, headers, words) => {
      expect((await put('k', 'v', headers as Record<string, string>, query)).status).toBe(201);
      expect(lastWords().slice(3)).toEqual(words);
    });

    it.each([
      ['?ttl=0', {}, 'ttl'],
      ['?ttl=1.5', {}, 'ttl'],
      ['?ttl=3153600001', {}, 'ttl'],
      ['?ttl_ms=-1', {}, 'ttl_ms'],
      ['?ttl=1&ttl_ms=1', {}, 'ttl'],
      ['?ttl=1&keep_ttl=true', {}, 'ttl'],
      ['', { 'X-TTL-Ms': 'soon' }, 'X-TTL-Ms'],
    ])('refuses %s %j', async (query, headers, field) => {
      const response = await put('k', 'v', headers as Record<string, string>, query);
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ errors: [{ field }] });
    });
  });

  describe('conditions', () => {
    it('replaces and deletes only the version that If-Match names', async () => {
      const etag = (await put('k', 'one')).headers.get('etag') ?? '';
      expect((await put('k', 'two', { 'If-Match': etag })).status).toBe(204);
      const stale = await put('k', 'three', { 'If-Match': etag });
      expect(stale.status).toBe(412);
      expect(await stale.json()).toMatchObject({ code: 'PRECONDITION_FAILED', retriable: false });
      const remove = (tag: string): Promise<Response> =>
        rest.fetch(`${KEYS}/k`, { method: 'DELETE', headers: { 'If-Match': tag } });
      expect((await remove(etag)).status).toBe(412);
      expect((await remove('*')).status).toBe(204);
      expect((await remove('*')).status).toBe(412);
    });

    it('creates only with If-None-Match: *, and only replaces with If-Match: *', async () => {
      expect((await put('k', 'v', { 'If-Match': '*' })).status).toBe(412);
      expect((await put('k', 'v', { 'If-None-Match': '*' })).status).toBe(201);
      expect((await put('k', 'v', { 'If-None-Match': '*' })).status).toBe(412);
      expect((await put('k', 'v', { 'If-Match': '*' })).status).toBe(204);
    });

    it('answers 304 to who has the version, and 412 to who expects another', async () => {
      const etag = (await put('k', 'v')).headers.get('etag') ?? '';
      const get = async (headers: Record<string, string>): Promise<number> =>
        (await rest.fetch(`${KEYS}/k`, { headers })).status;
      expect(await get({ 'If-None-Match': etag })).toBe(304);
      expect(await get({ 'If-None-Match': `"other", W/${etag}` })).toBe(304);
      expect(await get({ 'If-None-Match': '*' })).toBe(304);
      expect(await get({ 'If-None-Match': '"other"' })).toBe(200);
      expect(await get({ 'If-Match': etag })).toBe(200);
      expect(await get({ 'If-Match': '"other"' })).toBe(412);
    });

    it.each([
      ['PUT', { 'If-None-Match': '"tag"' }, 400],
      ['PUT', { 'If-Match': 'bare' }, 400],
      ['PUT', { 'If-Match': '"a", "b"' }, 400],
      ['PUT', { 'If-Match': '*', 'If-None-Match': '*' }, 400],
      ['DELETE', { 'If-None-Match': '*' }, 400],
      ['PUT', { 'If-Match': 'W/"0001-00000000000000aa"' }, 412],
    ])('%s with %j answers %i', async (method, headers, status) => {
      const body = method === 'PUT' ? 'v' : null;
      const response = await rest.fetch(`${KEYS}/k`, {
        method,
        headers: headers as unknown as Record<string, string>,
        body,
      });
      expect(response.status).toBe(status);
    });
  });

  it('reaches numbered databases of the default store, and no others', async () => {
    await put('k', 'v', {}, '?database=15');
    expect(rest.gateway.executed.at(-1)?.options).toEqual({ store: 'default', database: 15 });
    expect((await rest.fetch(`${KEYS}/k`)).status).toBe(404);
    const other = await rest.fetch('/api/v1/stores/sessions/keys/k?database=1');
    expect(await other.json()).toMatchObject({ status: 400, errors: [{ field: 'database' }] });
  });

  it('takes long keys, as far as paths go', async () => {
    expect((await put('k'.repeat(8_000), 'v')).status).toBe(201);
    expect(lastWords()[1]).toHaveLength(8_000);
  });
});
