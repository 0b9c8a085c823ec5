import { RestFixture } from './testing/rest-fixture.js';

const BATCH = '/api/v1/stores/default/batch';

interface Reply {
  readonly results: readonly Record<string, unknown>[];
  readonly failed: number;
}

describe('batches', () => {
  let rest: RestFixture;
  beforeAll(async () => {
    rest = await RestFixture.start({ maxValueBytes: 8_000_000 });
  });
  afterAll(() => rest.stop());
  beforeEach(() => {
    rest.gateway.entries.clear();
    rest.gateway.executed.length = 0;
    rest.gateway.maxConcurrent = 0;
  });

  const post = async (operation: string, entries: unknown): Promise<Reply> => {
    const { status, body } = await rest.post(`${BATCH}/${operation}`, { entries });
    expect(status).toBe(200);
    return body as Reply;
  };

  it('writes, reads and deletes, with a status per entry', async () => {
    const written = await post('set', [
      { key: 'text', value: 'grün', ttl_ms: 5_000 },
      { key: '/wA=', key_encoding: 'base64', value: 'AP8=', encoding: 'base64' },
      { key: '', value: '' },
    ]);
    expect(written).toMatchObject({
      failed: 0,
      results: [{ key: 'text', status: 201 }, { status: 201 }, { status: 201 }],
    });
    const read = await post('get', [
      { key: 'text' },
      { key: 'text', encoding: 'base64' },
      { key: '/wA=', key_encoding: 'base64' },
      { key: 'absent' },
      { key: '' },
    ]);
    expect(read).toMatchObject({
      failed: 0,
      results: [
        { status: 200, value: 'grün', encoding: 'utf8', ttl_ms: 5_000 },
        { status: 200, value: Buffer.from('grün').toString('base64'), encoding: 'base64' },
        { key: '/wA=', key_encoding: 'base64', status: 200, value: 'AP8=', encoding: 'base64', ttl_ms: null },
        { key: 'absent', status: 404 },
        { key: '', value: '' },
      ],
    });
    const deleted = await post('delete', [{ key: 'text' }, { key: 'text' }]);
    expect(deleted).toMatchObject({ failed: 0, results: [{ status: 204 }, { status: 404 }] });
  });

  it('tells the failure of one entry and executes the others', async () => {
    rest.gateway.failures.push('CLUSTERDOWN The cluster is down');
    const reply = await post('set', [
      { key: 'a', value: '1' },
      { key: 'b', value: '2' },
    ]);
    expect(reply.failed).toBe(1);
    expect(reply.results[0]).toMatchObject({ status: 503, error: { code: 'CLUSTER_DOWN', retriable: true } });
    expect(reply.results[1]).toMatchObject({ status: 201 });
  });

  it('takes 1,000 entries, in order, with bounded concurrency', async () => {
    const entries = Array.from({ length: 1_000 }, (_, index) => ({ key: `k${index}`, value: `v${index}` }));
    await post('set', entries);
    const reply = await post(
      'get',
      entries.map(({ key }) => ({ key })),
    );
    expect(reply.results.map(({ value }) => value)).toEqual(entries.map(({ value }) => value));
    expect(rest.gateway.maxConcurrent).toBe(32);
  });

  it('bounds the values of one reply', async () => {
    for (let i = 0; i < 3; i++) {
      await rest.fetch(`/api/v1/stores/default/keys/k${i}`, { method: 'PUT', body: new Uint8Array(7_000_000) });
    }
    const reply = await post('get', [{ key: 'k0' }, { key: 'k1' }, { key: 'k2' }, { key: 'k2' }]);
    expect(reply.results.map(({ status }) => status)).toEqual([200, 200, 413, 413]);
  });

  it.each([
    ['get', {}, 'entries'],
    ['get', { entries: [] }, 'entries'],
    ['get', { entries: 'k' }, 'entries'],
    ['get', { entries: Array.from({ length: 1_001 }, () => ({ key: 'k' })) }, 'entries'],
    ['get', { entries: ['k'] }, 'entries[0]'],
    ['get', { entries: [{ key: 'k' }, { key: 5 }] }, 'entries[1].key'],
    ['get', { entries: [{}] }, 'entries[0].key'],
    ['get', { entries: [{ key: 'k', value: 'v' }] }, 'entries[0].value'],
    ['get', { entries: [{ key: '\ud800' }] }, 'entries[0].key'],
    ['get', { entries: [{ key: 'k'.repeat(65_537) }] }, 'entries[0].key'],
    ['set', { entries: [{ key: 'k' }] }, 'entries[0].value'],
    ['set', { entries: [{ key: 'k', value: { deep: [] } }] }, 'entries[0].value'],
    ['set', { entries: [{ key: 'k', value: '!', encoding: 'base64' }] }, 'entries[0].value'],
    ['set', { entries: [{ key: 'k', value: 'v', encoding: 'hex' }] }, 'entries[0].encoding'],
    ['set', { entries: [{ key: 'k', value: 'v', ttl_ms: 0 }] }, 'entries[0].ttl_ms'],
    ['set', { entries: [{ key: 'k', value: 'v', ttl_ms: '5' }] }, 'entries[0].ttl_ms'],
    ['set', { entries: [{ key: 'k', value: 'v' }], other: 1 }, 'other'],
    ['delete', [], 'body'],
    ['delete', null, 'body'],
  ])('refuses %s of a body that is not valid (%#) as a whole and names the field', async (operation, body, field) => {
    const reply = await rest.post(`${BATCH}/${operation}`, body);
    expect(reply.body).toMatchObject({ status: 400, code: 'INVALID_REQUEST', errors: [{ field }] });
    expect(rest.gateway.executed).toEqual([]);
  });

  it('survives deep nesting', async () => {
    const deep = '['.repeat(500_000) + ']'.repeat(500_000);
    const headers = { 'Content-Type': 'application/json' };
    for (const body of [deep, `{"entries":[${deep}]}`, `{"entries":[{"key":${deep}}]}`]) {
      const response = await rest.fetch(`${BATCH}/get`, { method: 'POST', body, headers });
      expect(response.status).toBe(400);
    }
  });

  it('is not led astray by __proto__', async () => {
    const text = '{"entries":[{"key":"k","__proto__":{"encoding":"base64"}}]}';
    const init = { method: 'POST', body: text, headers: { 'Content-Type': 'application/json' } };
    const response = await rest.fetch(`${BATCH}/get`, init);
    expect(await response.json()).toMatchObject({ status: 400, errors: [{ field: 'entries[0].__proto__' }] });
  });

  it.each([
    ['application/json', '{"entries": [', 400, 'MALFORMED_JSON'],
    ['application/json', Uint8Array.of(0x22, 0xff, 0x22), 400, 'MALFORMED_JSON'],
    ['application/json', '', 400, 'MALFORMED_JSON'],
    ['application/json', '['.repeat(1_000_000), 400, 'MALFORMED_JSON'],
    ['text/plain', '{"entries":[]}', 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['application/json', ' '.repeat(8 * 1024 * 1024 + 1), 413, 'BODY_TOO_LARGE'],
  ])('refuses a body of %s that it cannot use (%#)', async (type, body, status, code) => {
    const response = await rest.fetch(`${BATCH}/get`, { method: 'POST', body, headers: { 'Content-Type': type } });
    expect(await response.json()).toMatchObject({ status, code });
  });

  it('takes JSON types with parameters and suffixes', async () => {
    for (const type of ['application/json; charset=utf-8', 'application/vnd.example+json']) {
      const init = { method: 'POST', body: '{"entries":[{"key":"k"}]}', headers: { 'Content-Type': type } };
      expect((await rest.fetch(`${BATCH}/get`, init)).status).toBe(200);
    }
  });
});
