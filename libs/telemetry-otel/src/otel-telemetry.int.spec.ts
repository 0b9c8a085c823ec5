import { createServer } from 'node:net';
import { createRequire } from 'node:module';
import { telemetryContract } from '#libs/ports-contract';
import { createTelemetry, formatTraceparent, parseTraceparent, type ManagedTelemetry } from './index.js';
import { tracesUrl } from './create-telemetry.js';

interface OtlpAttribute {
  readonly key: string;
  readonly value: Record<string, unknown>;
}
interface OtlpSpan {
  readonly name: string;
  readonly kind: string | number;
  readonly traceId: Uint8Array | string;
  readonly spanId: Uint8Array | string;
  readonly parentSpanId?: Uint8Array | string;
  readonly status?: { readonly code?: string | number; readonly message?: string };
  readonly attributes: readonly OtlpAttribute[];
}
interface OtlpTraces {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly OtlpAttribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[];
  }[];
}
interface Receiver {
  readonly httpUrl: URL;
  start(): Promise<void>;
  close(): Promise<void>;
}

const { MockOtlpServer } = createRequire(import.meta.url)('@elastic/mockotlpserver') as {
  MockOtlpServer: new (options: object) => Receiver;
};

/** Ids arrive as bytes or as text, after the encoding that the exporter chose. */
const idText = (id: Uint8Array | string | undefined): string => {
  if (typeof id === 'string') return /^[0-9a-f]+$/.test(id) ? id : Buffer.from(id, 'base64').toString('hex');
  return Buffer.from(id ?? []).toString('hex');
};
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('OtelTelemetry', () => {
  const received: { service: unknown; span: OtlpSpan }[] = [];
  let receiver: Receiver;
  const telemetries: ManagedTelemetry[] = [];

  const telemetryOf = async (serviceName: string): Promise<ManagedTelemetry> => {
    const telemetry = await createTelemetry({
      endpoint: receiver.httpUrl.href,
      serviceName,
      nodeId: `${serviceName}-1`,
      samplesPerSecond: 10,
    });
    telemetries.push(telemetry);
    return telemetry;
  };

  beforeAll(async () => {
    receiver = new MockOtlpServer({
      logLevel: 'error',
      services: ['http'],
      httpHostname: '127.0.0.1',
      httpPort: 0,
      onTrace: (traces: OtlpTraces) => {
        for (const { resource, scopeSpans } of traces.resourceSpans) {
          const service = resource.attributes.find(({ key }) => key === 'service.name')?.value['stringValue'];
          for (const { spans } of scopeSpans) for (const span of spans) received.push({ service, span });
        }
      },
    });
    await receiver.start();
  });

  afterAll(async () => {
    await Promise.all(telemetries.map((telemetry) => telemetry.shutdown()));
    await receiver.close();
  });

  it('joins the spans of two services to one trace', async () => {
    const gateway = await telemetryOf('gateway');
    const storage = await telemetryOf('storage-node');
    const request = gateway.startSpan('rest.request', 'server', undefined, { 'http.method': 'PUT' });
    const operation = gateway.startSpan('gateway.operation', 'client', request.context);
    const carried = parseTraceparent(formatTraceparent(operation.context));
    const execution = storage.startSpan('storage.execute', 'consumer', carried?.context, { bytes: 100, ok: true });
    execution.setAttribute('key', 'user:1');
    execution.end('out of memory');
    operation.end();
    request.end();
    await Promise.all([gateway.flush(), storage.flush()]);

    const byName = new Map(received.map((each) => [each.span.name, each]));
    const traceId = hex(request.context.traceId);
    expect([...byName.values()].map(({ span }) => idText(span.traceId))).toEqual([traceId, traceId, traceId]);
    expect(byName.get('rest.request')?.service).toBe('gateway');
    expect(idText(byName.get('rest.request')?.span.parentSpanId)).toBe('');
    expect(idText(byName.get('gateway.operation')?.span.parentSpanId)).toBe(hex(request.context.spanId));
    const executed = byName.get('storage.execute');
    expect(executed?.service).toBe('storage-node');
    expect(idText(executed?.span.parentSpanId)).toBe(hex(operation.context.spanId));
    expect(executed?.span.status?.message).toBe('out of memory');
    expect(executed?.span.attributes.map(({ key }) => key).sort()).toEqual(['bytes', 'key', 'ok']);
    expect(String(executed?.span.kind)).toMatch(/CONSUMER|5/);
  });

  it('sends what is waiting when it shuts down', async () => {
    const telemetry = await telemetryOf('coordinator');
    telemetry.startSpan('at the end', 'internal', undefined).end();
    await telemetry.shutdown();
    expect(received.some(({ span }) => span.name === 'at the end')).toBe(true);
  });

  it('does not fail when nobody receives', async () => {
    const free = createServer();
    await new Promise<void>((resolve) => free.listen(0, '127.0.0.1', resolve));
    const { port } = free.address() as { port: number };
    await new Promise((resolve) => free.close(resolve));
    const telemetry = await createTelemetry({
      endpoint: `http://127.0.0.1:${port}`,
      serviceName: 'x',
      nodeId: 'n',
      samplesPerSecond: 1,
    });
    telemetry.startSpan('lost', 'internal', undefined).end();
    await telemetry.shutdown();
  });

  telemetryContract('OpenTelemetry', async () => ({
    telemetry: await telemetryOf('any'),
    close: async () => undefined,
  }));
});

telemetryContract('off', async () => ({
  telemetry: await createTelemetry({ serviceName: 'x', nodeId: 'n', samplesPerSecond: 10, environment: {} }),
  close: async () => undefined,
}));

describe('createTelemetry', () => {
  const options = { serviceName: 'x', nodeId: 'n', samplesPerSecond: 1 };

  it('is off without an endpoint', async () => {
    const off = await createTelemetry({ ...options, environment: { OTEL_EXPORTER_OTLP_ENDPOINT: ' ' } });
    expect(off.enabled).toBe(false);
    await off.flush();
    await off.shutdown();
  });

  it('takes the endpoint from the environment', async () => {
    const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' };
    const telemetry = await createTelemetry({ ...options, environment });
    expect(telemetry.enabled).toBe(true);
    await telemetry.shutdown();
  });

  it.each([
    ['http://jaeger:4318', 'http://jaeger:4318/v1/traces'],
    ['http://jaeger:4318/', 'http://jaeger:4318/v1/traces'],
    ['https://collector/otlp', 'https://collector/otlp/v1/traces'],
    ['http://jaeger:4318/v1/traces', 'http://jaeger:4318/v1/traces'],
  ])('sends to %s at %s', (endpoint, url) => {
    expect(tracesUrl(endpoint)).toBe(url);
  });
});
