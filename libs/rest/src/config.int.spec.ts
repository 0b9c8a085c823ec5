import { RestFixture } from './testing/rest-fixture.js';

describe('settings over REST', () => {
  let rest: RestFixture;
  beforeAll(async () => {
    rest = await RestFixture.start();
  });
  afterAll(() => rest.stop());

  const patch = async (body: string): Promise<{ readonly status: number; readonly json: unknown }> => {
    const headers = { 'content-type': 'application/json' };
    const response = await rest.fetch('/api/v1/config', { method: 'PATCH', headers, body });
    return { status: response.status, json: await response.json() };
  };

  it('lists them with value, default, origin and whether they may change', async () => {
    expect(await (await rest.fetch('/api/v1/config')).json()).toEqual({
      settings: [
        { path: 'logging.level', value: 'INFO', default: 'INFO', runtime: true, origin: 'default' },
        { path: 'network.resp_port', value: '7000', default: '6379', runtime: false, origin: 'HC_RESP_PORT' },
      ],
    });
  });

  it('changes them in one command, and answers what they are then', async () => {
    rest.gateway.executed.length = 0;
    const { status, json } = await patch('{"logging.level": "DEBUG"}');
    expect(rest.gateway.executed.map(({ words }) => words.join(' '))).toEqual(['CONFIG SET logging.level DEBUG']);
    expect({ status, json }).toMatchObject({ status: 200, json: { settings: [{ path: 'logging.level' }] } });
  });

  it('writes JSON values as CONFIG SET takes them', async () => {
    rest.gateway.executed.length = 0;
    for (const value of ['5', 'true', '["A","B"]', '{"RAFT":"DEBUG"}', 'null']) {
      expect((await patch(`{"logging.level": ${value}}`)).status).toBe(200);
    }
    const values = rest.gateway.executed.map(({ words }) => words[3]);
    expect(values).toEqual(['5', 'true', 'A,B', 'RAFT=DEBUG', 'default']);
  });

  it('asks for nothing where nothing is given', async () => {
    expect(await patch('{}')).toEqual({ status: 200, json: { settings: [] } });
  });

  it('names every fault, and changes nothing then', async () => {
    rest.gateway.executed.length = 0;
    const { status, json } = await patch('{"logging.level": "bad", "other": "bad", "third": 1}');
    expect(status).toBe(400);
    expect(json).toMatchObject({
      code: 'INVALID_REQUEST',
      errors: [
        { field: 'logging.level', value: '"bad"', allowed: 'something good' },
        { field: 'other', value: '"bad"', allowed: 'something good' },
      ],
    });
    expect(rest.gateway.executed).toEqual([]);
  });

  it.each([
    '[]',
    '1',
    'null',
    '{"a": [1]}',
    '{',
    JSON.stringify(Object.fromEntries(Array.from({ length: 65 }, (_, i) => [i, 1]))),
  ])('refuses %s', async (body) => {
    rest.gateway.executed.length = 0;
    expect((await patch(body)).status).toBe(400);
    expect(rest.gateway.executed).toEqual([]);
  });

  it('passes on that no coordinator is there', async () => {
    rest.gateway.failures.push('CLUSTERDOWN no coordinator is reachable; nothing was changed');
    expect((await patch('{"logging.level": "DEBUG"}')).status).toBe(503);
  });

  it('logs every request with its correlation id while that is asked for', async () => {
    let isAskedFor = true;
    const tracked = await RestFixture.start({ logsEveryRequest: () => isAskedFor });
    try {
      const headers = { 'x-request-id': 'request-7' };
      await (await tracked.fetch('/api/v1/stores', { headers })).text();
      while (tracked.logger.lines.length === 0) await new Promise((resolve) => setImmediate(resolve));
      expect(tracked.logger.lines).toMatchObject([
        {
          level: 'DEBUG',
          component: 'HTTP_API',
          fields: { correlationId: 'request-7', operation: 'GET /api/v1/stores', success: true },
        },
      ]);
      isAskedFor = false;
      await (await tracked.fetch('/api/v1/stores', { headers })).text();
      expect(tracked.logger.lines).toHaveLength(1);
    } finally {
      await tracked.stop();
    }
  });
});
