import { connect } from 'node:net';
import { ERRORS, errorText, type ErrorCode } from '#libs/kernel';
import { RestFixture } from './testing/rest-fixture.js';

const KEY = '/api/v1/stores/default/keys/k';

interface ProblemBody {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly retriable: boolean;
  readonly correlation_id: string;
}

async function problemOf(response: Response): Promise<ProblemBody> {
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  const body = (await response.json()) as ProblemBody;
  expect(body.status).toBe(response.status);
  expect(body.type).toBe(`urn:hypercache:error:${body.code.toLowerCase().replaceAll('_', '-')}`);
  expect(body.correlation_id).toBe(response.headers.get('x-request-id'));
  expect(JSON.stringify(body)).not.toMatch(/\.ts|\.js|node_modules|at \w+ \(/);
  return body;
}

describe('failures of REST', () => {
  let rest: RestFixture;
  beforeAll(async () => {
    rest = await RestFixture.start();
  });
  afterAll(() => rest.stop());

  it.each((Object.keys(ERRORS) as ErrorCode[]).map((code) => [code]))('maps the error reply %s', async (code) => {
    rest.gateway.failures.push(errorText(code));
    const response = await rest.fetch(KEY);
    const body = await problemOf(response);
    expect(response.status).toBe(ERRORS[code].httpStatus);
    expect(body).toMatchObject({ code, retriable: ERRORS[code].retriable, detail: ERRORS[code].text });
    expect(response.headers.get('retry-after')).toBe(response.status === 503 ? '1' : null);
  });

  it.each([
    ["ERR invalid expire time in 'hc.set' command", 400, 'SYNTAX'],
    ['ERR', 400, 'SYNTAX'],
    ['STRANGE thing', 500, 'INTERNAL'],
  ])('maps the unforeseen reply %s to %i', async (line, status, code) => {
    rest.gateway.failures.push(line);
    expect(await problemOf(await rest.fetch(KEY))).toMatchObject({ status, code });
  });

  it('lists the stores that exist when asked for another', async () => {
    const body = await problemOf(await rest.fetch('/api/v1/stores/nope/keys/k'));
    expect(body).toMatchObject({ status: 404, code: 'UNKNOWN_STORE' });
    expect(body.detail).toContain('default, sessions');
    expect((await rest.fetch('/api/v1/stores/nope')).status).toBe(404);
    expect((await rest.fetch('/api/v1/stores/nope/batch/get', { method: 'POST', body: '{}' })).status).toBe(404);
  });

  it.each(['/nowhere', '/api/v1', '/api/v1/nowhere', '/api/v1/stores/default/keys/', '/api/v1/stores/default/batch'])(
    'has nothing at %s',
    async (path) => {
      expect(await problemOf(await rest.fetch(path))).toMatchObject({ status: 404, code: 'UNKNOWN_ROUTE' });
    },
  );

  it.each([
    ['POST', KEY, 'GET, HEAD, PUT, DELETE'],
    ['GET', '/api/v1/stores/default/batch/get', 'POST'],
    ['DELETE', '/api/v1/stores', 'GET, HEAD, POST'],
    ['PUT', '/api/v1/stores/default', 'GET, HEAD, PATCH, DELETE'],
    ['POST', '/api/v1/cluster/partitions', 'GET, HEAD'],
    ['POST', '/docs-json', 'GET, HEAD'],
  ])('does not take %s at %s', async (method, path, allowed) => {
    const response = await rest.fetch(path, { method });
    expect(await problemOf(response)).toMatchObject({ status: 405, code: 'METHOD_NOT_ALLOWED' });
    expect(response.headers.get('allow')).toBe(allowed);
  });

  it('refuses a store name that is not UTF-8', async () => {
    expect(await problemOf(await rest.fetch('/api/v1/stores/%ff'))).toMatchObject({ status: 400 });
  });

  it('refuses a body that is announced as too long, and one that turns out to be', async () => {
    const announced = await rest.fetch(KEY, { method: 'PUT', body: new Uint8Array(100_001) });
    expect(await problemOf(announced)).toMatchObject({ status: 413, code: 'BODY_TOO_LARGE' });
    const chunks = (async function* (): AsyncGenerator<Uint8Array> {
      for (let i = 0; i < 5; i++) yield new Uint8Array(30_000);
    })();
    const init = { method: 'PUT', body: ReadableStream.from(chunks), duplex: 'half' } as RequestInit;
    expect(await problemOf(await rest.fetch(KEY, init))).toMatchObject({ status: 413, code: 'BODY_TOO_LARGE' });
    expect((await rest.fetch(KEY, { method: 'PUT', body: new Uint8Array(100_000) })).status).toBe(201);
  });

  it('refuses compressed bodies', async () => {
    const response = await rest.fetch(KEY, { method: 'PUT', body: 'v', headers: { 'Content-Encoding': 'gzip' } });
    expect(await problemOf(response)).toMatchObject({ status: 415, code: 'UNSUPPORTED_MEDIA_TYPE' });
  });

  it('answers what Node itself refuses to parse', async () => {
    const overflow = await raw(rest.port, `GET ${KEY}${'k'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`);
    expect(overflow).toMatch(/^HTTP\/1\.1 431 /);
    expect(overflow).toContain('application/problem+json');
    expect(await raw(rest.port, 'nonsense\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
  });

  it('hides what failed inside, and logs it with the correlation id', async () => {
    rest.logger.lines.length = 0;
    const execute = rest.gateway.execute.bind(rest.gateway);
    rest.gateway.execute = () => {
      throw new Error('a secret of the inside');
    };
    const body = await problemOf(await rest.fetch(KEY, { headers: { 'X-Request-Id': 'abc-1' } }));
    rest.gateway.execute = execute;
    expect(body).toMatchObject({ status: 500, code: 'INTERNAL', correlation_id: 'abc-1' });
    expect(JSON.stringify(body)).not.toContain('secret');
    expect(rest.logger.lines).toEqual([
      expect.objectContaining({
        level: 'ERROR',
        component: 'HTTP_API',
        fields: expect.objectContaining({ correlationId: 'abc-1' }),
      }),
    ]);
  });

  it('treats a reply that is not well formed as its own failure', async () => {
    const execute = rest.gateway.execute.bind(rest.gateway);
    rest.gateway.execute = (_command, _options, onReply) => onReply(Buffer.from('?what\r\n'));
    expect(await problemOf(await rest.fetch(KEY))).toMatchObject({ status: 500 });
    rest.gateway.execute = (_command, _options, onReply) => onReply(Buffer.from(':1\r\n'));
    expect(await problemOf(await rest.fetch(KEY))).toMatchObject({ status: 500 });
    rest.gateway.execute = execute;
  });
});

describe('tokens', () => {
  let rest: RestFixture;
  beforeAll(async () => {
    rest = await RestFixture.start({ tokens: ['first-token', 'second-token'] });
  });
  afterAll(() => rest.stop());

  const statusWith = async (authorization?: string): Promise<number> =>
    (await rest.fetch('/api/v1/stores', authorization === undefined ? {} : { headers: { authorization } })).status;

  it('lets each token pass', async () => {
    expect(await statusWith('Bearer first-token')).toBe(200);
    expect(await statusWith('bearer second-token')).toBe(200);
  });

  it.each(['Bearer first-toke', 'Bearer first-tokenx', 'Bearer ', 'Basic first-token', 'first-token'])(
    'refuses %s',
    async (authorization) => {
      expect(await statusWith(authorization)).toBe(401);
    },
  );

  it.each([
    KEY,
    '/api/v1/stores/default/batch/get',
    '/api/v1/stores/nope',
    '/api/v1/cluster',
    '/api/v1/cluster/partitions',
    '/api/v1/cluster/ring',
  ])('asks for a token at %s', async (path) => {
    const response = await rest.fetch(path, { method: path.includes('batch') ? 'POST' : 'GET' });
    expect(await problemOf(response)).toMatchObject({ status: 401, code: 'UNAUTHORIZED' });
    expect(response.headers.get('www-authenticate')).toMatch(/^Bearer realm=/);
  });

  it('executes nothing for who has none, and does not wait for the body', async () => {
    const response = await rest.fetch(KEY, { method: 'PUT', body: new Uint8Array(50_000) });
    expect(response.status).toBe(401);
    expect(rest.gateway.executed).toEqual([]);
  });

  it('leaves the documentation open', async () => {
    expect((await rest.fetch('/docs')).status).toBe(200);
    expect((await rest.fetch('/docs-json')).status).toBe(200);
  });
});

function raw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    socket.on('data', (chunk) => (received += chunk.toString('latin1')));
    socket.on('end', () => {
      socket.destroy();
      resolve(received);
    });
    socket.on('error', reject);
  });
}
