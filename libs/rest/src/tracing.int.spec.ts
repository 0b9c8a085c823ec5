import { RestFixture } from './testing/rest-fixture.js';

const KEY = '/api/v1/stores/default/keys/k';
const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = `00-${TRACE_ID}-00f067aa0ba902b7`;

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

describe('tracing of REST', () => {
  let rest: RestFixture;
  beforeAll(async () => {
    rest = await RestFixture.start({}, true);
  });
  afterAll(() => rest.stop());
  beforeEach(() => {
    rest.telemetry.spans.length = 0;
    rest.telemetry.samples = false;
    rest.gateway.executed.length = 0;
    rest.logger.lines.length = 0;
  });

  it('continues a sampled trace down to the gateway, and logs the request', async () => {
    const headers = { traceparent: `${PARENT}-01`, 'X-Request-Id': 'req-7' };
    const response = await rest.fetch(KEY, { method: 'PUT', body: 'v', headers });
    expect(response.headers.get('x-request-id')).toBe('req-7');
    const [span] = rest.telemetry.spans;
    await until(() => span.ended);
    expect(Buffer.from(span.parent?.traceId ?? []).toString('hex')).toBe(TRACE_ID);
    expect(span).toMatchObject({
      name: 'rest.request',
      error: undefined,
      attributes: {
        'http.request.method': 'PUT',
        'http.response.status_code': 201,
        'hypercache.correlation_id': 'req-7',
      },
    });
    expect(span.attributes['http.route']).toBe('/api/v1/stores/:store/keys/:key');
    expect(rest.gateway.executed[0].options.trace).toBe(span.context);
    const [line] = rest.logger.lines;
    expect(line).toMatchObject({
      component: 'HTTP_API',
      fields: { traceId: TRACE_ID, correlationId: 'req-7', success: true },
    });
  });

  it.each([[`${PARENT}-00`], ['garbage'], [undefined]])('does not trace with traceparent %s', async (traceparent) => {
    await rest.fetch(KEY, traceparent === undefined ? {} : { headers: { traceparent } });
    expect(rest.telemetry.spans).toEqual([]);
    expect(rest.gateway.executed[0].options.trace).toBeUndefined();
    expect(rest.logger.lines).toEqual([]);
  });

  it('samples by itself, and takes the trace id as correlation id', async () => {
    rest.telemetry.samples = true;
    const response = await rest.fetch('/api/v1/stores/default');
    expect(response.headers.get('x-request-id')).toBe('ab'.repeat(16));
    expect(rest.telemetry.spans[0].parent).toBeUndefined();
    expect(rest.gateway.executed[0].options.trace).toBe(rest.telemetry.spans[0].context);
  });

  it('marks failures of the server', async () => {
    rest.telemetry.samples = true;
    rest.gateway.failures.push('TIMEOUT no answer');
    await rest.fetch(KEY);
    await until(() => rest.telemetry.spans[0].ended);
    expect(rest.telemetry.spans[0].error).toBe('HTTP 504');
  });

  it('does not trace the documentation', async () => {
    rest.telemetry.samples = true;
    await rest.fetch('/docs');
    expect(rest.telemetry.spans).toEqual([]);
  });

  it.each([
    ['x-correlation-id', 'corr-1', 'corr-1'],
    ['x-request-id', 'a b', undefined],
    ['x-request-id', 'x'.repeat(129), undefined],
  ])('echoes %s only where it is a sane id', async (name, value, echoed) => {
    const response = await rest.fetch(KEY, { headers: { [name]: value } });
    const id = response.headers.get('x-request-id');
    if (echoed === undefined) expect(id).toMatch(/^[0-9a-f-]{36}$/);
    else expect(id).toBe(echoed);
  });
});
