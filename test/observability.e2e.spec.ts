// What operators see: one trace over all services at a real OTLP receiver, the trace's id in their logs, and the health
// and metrics of each service, on a small cluster.
import { createRequire } from 'node:module';
import { withRaw } from './client-cases/target.js';
import { startCluster, startStandalone, type HyperCacheCluster, type Standalone } from './support/hypercache.js';
import { keyPath, rest } from './support/rest-client.js';
import type { LogLine, ServiceProcess } from './support/service-process.js';
import { until } from './support/until.js';

type OtlpId = Uint8Array | string;

interface OtlpSpan {
  readonly name: string;
  readonly traceId: OtlpId;
  readonly spanId: OtlpId;
  readonly parentSpanId?: OtlpId;
}

interface OtlpTraces {
  readonly resourceSpans: readonly {
    readonly resource: {
      readonly attributes: readonly { readonly key: string; readonly value: Record<string, unknown> }[];
    };
    readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[];
  }[];
}

interface Receiver {
  readonly httpUrl: URL;
  start(): Promise<void>;
  close(): Promise<void>;
}

interface SeenSpan {
  readonly service: unknown;
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
}

const { MockOtlpServer } = createRequire(import.meta.url)('@elastic/mockotlpserver') as {
  MockOtlpServer: new (options: object) => Receiver;
};

/** Ids arrive as bytes or as text, after the encoding that the exporter chose. */
function idText(id: OtlpId | undefined): string {
  if (typeof id === 'string' && !/^[0-9a-f]+$/.test(id)) return Buffer.from(id, 'base64').toString('hex');
  return typeof id === 'string' ? id : Buffer.from(id ?? []).toString('hex');
}

const spans: SeenSpan[] = [];
let receiver: Receiver;
let cluster: HyperCacheCluster;

function onTrace({ resourceSpans }: OtlpTraces): void {
  for (const { resource, scopeSpans } of resourceSpans) {
    const service = resource.attributes.find(({ key }) => key === 'service.name')?.value['stringValue'];
    for (const { name, traceId, spanId, parentSpanId } of scopeSpans.flatMap((scope) => scope.spans)) {
      const ids = { traceId: idText(traceId), spanId: idText(spanId), parentSpanId: idText(parentSpanId) };
      spans.push({ service, name, ...ids });
    }
  }
}

beforeAll(async () => {
  receiver = new MockOtlpServer({
    logLevel: 'error',
    services: ['http'],
    httpHostname: '127.0.0.1',
    httpPort: 0,
    onTrace,
  });
  await receiver.start();
  const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.httpUrl.href };
  cluster = await startCluster({ gateways: 1, storageNodes: 2, environment });
}, 120_000);
afterAll(async () => {
  await cluster?.stop();
  await receiver?.close();
});

const gateway = (): ServiceProcess => cluster.gateways[0];

/** The spans of the trace that a span belongs to, once there are so many. */
async function traceOf(name: string, count: number, isIt: (span: SeenSpan) => boolean): Promise<SeenSpan[]> {
  let trace: SeenSpan[] = [];
  await until(`a trace of ${count} spans with ${name}`, () => {
    const found = spans.find((span) => span.name === name && isIt(span));
    trace = spans.filter((span) => span.traceId === found?.traceId);
    return trace.length >= count;
  });
  return trace;
}

const linesOf = (service: ServiceProcess, traceId: string): LogLine[] =>
  service.log().filter((line) => line['traceId'] === traceId);

async function expectLogged(traceId: string, operation: string): Promise<void> {
  const storageLines = (): LogLine[] => cluster.storageNodes.flatMap((node) => linesOf(node, traceId));
  await until('both services have logged the trace', () => {
    return linesOf(gateway(), traceId).length > 0 && storageLines().length > 0;
  });
  expect(linesOf(gateway(), traceId)).toContainEqual(expect.objectContaining({ operation, nodeId: 'gateway-1' }));
  const [line] = storageLines();
  expect(line).toMatchObject({ operation, component: 'STORAGE_ENGINE', success: true });
  expect(line['nodeId']).toMatch(/^storage-[12]$/);
  const answered = linesOf(gateway(), traceId).find(({ component }) => component === 'GATEWAY');
  expect(answered?.['correlationId']).toMatch(/^[0-9a-f]{16}$/);
  expect(line['correlationId']).toBe(answered?.['correlationId']);
}

describe('tracing', () => {
  it('shows a SET typed by hand as one trace over gateway and storage node', async () => {
    await withRaw(gateway().ports.respPort, (raw) => raw.run('SET', 'typed', 'v'));
    const [operation, execution] = ordered(await traceOf('gateway.operation', 2, () => true));
    expect(operation).toMatchObject({ service: 'hypercache-gateway', name: 'gateway.operation', parentSpanId: '' });
    expect(execution).toMatchObject({
      service: 'hypercache-storage-node',
      name: 'storage.execute',
      parentSpanId: operation.spanId,
    });
    await expectLogged(operation.traceId, 'set');
  });

  it('joins the trace of a REST client', async () => {
    const traceId = 'af7651916cd43dd8448eb211c80319c7';
    const parent = 'b7ad6b7169203331';
    const headers = { traceparent: `00-${traceId}-${parent}-01` };
    const { status } = await rest(gateway().ports.httpPort, 'PUT', keyPath('by-rest'), { body: 'v', headers });
    expect(status).toBe(201);
    const trace = ordered(await traceOf('rest.request', 3, (span) => span.traceId === traceId));
    expect(trace.map(({ name }) => name)).toEqual(['rest.request', 'gateway.operation', 'storage.execute']);
    expect(trace.map(({ parentSpanId }) => parentSpanId)).toEqual([parent, trace[0].spanId, trace[1].spanId]);
    await expectLogged(traceId, 'hc.set');
  });
});

/** A trace's spans, each after its parent. */
function ordered(trace: readonly SeenSpan[]): SeenSpan[] {
  const order = ['rest.request', 'gateway.operation', 'storage.execute'];
  return trace.toSorted((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
}

/** Samples of a service's metrics: `name{labels}` without the labels that are on all of them → value. */
async function metricsOf(service: ServiceProcess): Promise<Map<string, number>> {
  const { body } = await service.admin('/metrics');
  const samples = body.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    samples.map((line) => {
      const space = line.lastIndexOf(' ');
      return [line.slice(0, space), Number(line.slice(space + 1))] as const;
    }),
  );
}

describe('the admin port', () => {
  it('of each service answers health and readiness', async () => {
    for (const service of cluster.services) {
      expect(await service.admin('/healthz')).toEqual({ status: 200, body: '{"status":"ok"}' });
      expect(await service.admin('/readyz')).toEqual({ status: 200, body: '{"status":"ready","reasons":[]}' });
      expect((await service.admin('/nothing')).status).toBe(404);
    }
    const { httpPort } = gateway().ports;
    expect((await fetch(`http://127.0.0.1:${httpPort}/healthz`)).status).toBe(200);
    expect((await fetch(`http://127.0.0.1:${httpPort}/readyz`)).status).toBe(200);
  });

  it('counts what went through each service', async () => {
    const labels = 'node="gateway-1",role="gateway"';
    const count = (samples: Map<string, number>, operation: string, name = 'requests_total'): number =>
      samples.get(`hypercache_${name}{operation="${operation}",${labels}}`) ?? 0;
    const before = await metricsOf(gateway());
    await withRaw(gateway().ports.respPort, async (raw) => {
      for (let i = 0; i < 10; i++) await raw.run('SET', `metric:${i}`, 'v');
      for (let i = 0; i < 15; i++) await raw.run('GET', `metric:${i}`);
      await raw.run('DEL', 'metric:0', 'metric:1');
      await raw.run('INCR', 'metric:2');
    });
    const after = await metricsOf(gateway());
    const added = (operation: string, name?: string): number =>
      count(after, operation, name) - count(before, operation, name);
    expect([added('SET'), added('GET'), added('DEL'), added('INCR')]).toEqual([10, 15, 1, 1]);
    expect(added('GET', 'request_duration_seconds_count')).toBe(15);
    expect(added('INCR', 'request_errors_total')).toBe(1);
    const storage = await Promise.all(cluster.storageNodes.map(metricsOf));
    const sum = (name: string): number =>
      storage
        .flatMap((samples) => [...samples])
        .reduce((total, [key, value]) => total + (key.startsWith(`${name}{`) ? value : 0), 0);
    expect(sum('hypercache_cache_hits_total')).toBeGreaterThanOrEqual(10);
    expect(sum('hypercache_cache_misses_total')).toBeGreaterThanOrEqual(5);
    expect(sum('hypercache_memory_usage_bytes')).toBeGreaterThan(0);
    expect(sum('hypercache_entries')).toBe(Number(await withRaw(gateway().ports.respPort, (raw) => raw.run('DBSIZE'))));
    const coordinator = await metricsOf(cluster.coordinator);
    expect(coordinator.get('hypercache_members{state="up",node="coordinator-1",role="coordinator"}')).toBe(4);
    for (const service of cluster.services) {
      const names = [...(await metricsOf(service)).keys()];
      expect(names.some((name) => name.startsWith('hypercache_bus_messages_total{'))).toBe(true);
      expect(names.some((name) => name.startsWith('hypercache_table_version{'))).toBe(true);
    }
  });
});

describe('an idle service', () => {
  const MAX_IDLE_BYTES = 150 * 1024 * 1024;
  let idle: HyperCacheCluster;
  let standalone: Standalone;

  beforeAll(async () => {
    idle = await startCluster({ gateways: 1, storageNodes: 1 });
    standalone = await startStandalone();
  }, 120_000);
  afterAll(async () => {
    await idle?.stop();
    await standalone?.stop();
  });

  it('takes less than 150 MB of memory', () => {
    const sizes = [...idle.services, standalone.service].map(
      (service) => [service.id, service.residentBytes()] as const,
    );
    expect(sizes).toHaveLength(4);
    expect(sizes.filter(([, bytes]) => bytes > MAX_IDLE_BYTES)).toEqual([]);
  });
});
