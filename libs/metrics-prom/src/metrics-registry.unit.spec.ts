import { METRICS, MetricsRegistry } from './index.js';

const registryOf = (): MetricsRegistry => new MetricsRegistry({ node: 'n1', role: 'gateway', processMetrics: false });

/** The samples' lines, without help and type. */
async function samplesOf(registry: MetricsRegistry): Promise<string[]> {
  return (await registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

describe('MetricsRegistry', () => {
  it('renders totals of a typed array, as they are at the scrape', async () => {
    const registry = registryOf();
    const totals = new Float64Array(3);
    registry.counterFromArray({
      ...METRICS.requests,
      labelName: 'operation',
      labelValues: ['GET', 'SET', 'DELETE'],
      read: () => totals,
    });
    expect(await samplesOf(registry)).toEqual([]);
    totals[0] = 2;
    totals[2] = 2 ** 40;
    expect(await samplesOf(registry)).toEqual([
      'hypercache_requests_total{operation="GET",node="n1",role="gateway"} 2',
      'hypercache_requests_total{operation="DELETE",node="n1",role="gateway"} 1099511627776',
    ]);
    totals[0]++;
    expect((await samplesOf(registry))[0]).toMatch(/ 3$/);
    expect(await registry.metrics()).toContain('# TYPE hypercache_requests_total counter');
  });

  it('renders histograms with cumulative buckets', async () => {
    const registry = registryOf();
    const counts = new Float64Array(2 * 3);
    const sums = new Float64Array(2);
    registry.histogramFromArrays({
      ...METRICS.requestDuration,
      labelName: 'operation',
      labelValues: ['GET', 'SET'],
      bucketsSeconds: [0.001, 0.01],
      counts: () => counts,
      sums: () => sums,
    });
    expect(await samplesOf(registry)).toEqual([]);
    counts.set([5, 3, 1], 3);
    sums[1] = 0.25;
    const name = 'hypercache_request_duration_seconds';
    const labels = 'operation="SET",node="n1",role="gateway"';
    expect(await samplesOf(registry)).toEqual([
      `${name}_bucket{operation="SET",le="0.001",node="n1",role="gateway"} 5`,
      `${name}_bucket{operation="SET",le="0.01",node="n1",role="gateway"} 8`,
      `${name}_bucket{operation="SET",le="+Inf",node="n1",role="gateway"} 9`,
      `${name}_sum{${labels}} 0.25`,
      `${name}_count{${labels}} 9`,
    ]);
    expect(await registry.metrics()).toContain(`# TYPE ${name} histogram`);
  });

  it('refuses arrays that do not fit the labels', async () => {
    const registry = registryOf();
    const read = { counts: () => new Float64Array(2), sums: () => new Float64Array(1) };
    const labels = { labelName: 'operation', labelValues: ['GET'], bucketsSeconds: [0.001, 0.01] };
    registry.histogramFromArrays({ ...METRICS.requestDuration, ...labels, ...read });
    await expect(registry.metrics()).rejects.toThrow('lacks counts');
  });

  it('renders gauges and counters with several labels, and forgets what is no longer there', async () => {
    const registry = registryOf();
    let targets = ['n2', 'n3'];
    registry.gauge({
      ...METRICS.replicationLag,
      labelNames: ['source', 'target'],
      read: () => targets.map((target) => ({ labels: { source: 'n1', target }, value: 0.5 })),
    });
    registry.counter({
      ...METRICS.networkBytes,
      labelNames: ['link', 'direction'],
      read: () => [{ labels: { link: 'client', direction: 'in' }, value: 7 }],
    });
    expect(await samplesOf(registry)).toHaveLength(3);
    targets = ['n3'];
    expect(await samplesOf(registry)).toEqual([
      'hypercache_replication_lag_seconds{source="n1",target="n3",node="n1",role="gateway"} 0.5',
      'hypercache_network_bytes_total{link="client",direction="in",node="n1",role="gateway"} 7',
    ]);
  });

  it('runs collectors before anything is read', async () => {
    const registry = registryOf();
    let entries = 0;
    registry.addCollector(() => entries++);
    registry.gauge({ ...METRICS.entries, labelNames: [], read: () => [{ labels: {}, value: entries }] });
    expect(await samplesOf(registry)).toEqual(['hypercache_entries{node="n1",role="gateway"} 1']);
    expect(await samplesOf(registry)).toEqual(['hypercache_entries{node="n1",role="gateway"} 2']);
  });

  it('has the metrics of the process by default, and says what they are', async () => {
    const registry = new MetricsRegistry({ node: 'n1', role: 'coordinator' });
    expect(await registry.metrics()).toContain('process_cpu_seconds_total{node="n1",role="coordinator"}');
    expect(registry.contentType).toContain('text/plain');
  });

  it('escapes hostile label values', async () => {
    const registry = registryOf();
    const value = 'a"b\\c\nd';
    registry.gauge({ ...METRICS.entries, labelNames: ['store'], read: () => [{ labels: { store: value }, value: 1 }] });
    expect((await samplesOf(registry))[0]).toContain('store="a\\"b\\\\c\\nd"');
  });
});

describe('METRICS', () => {
  it('follows the naming rules of Prometheus', () => {
    const names = Object.values(METRICS).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const { name, help } of Object.values(METRICS)) {
      expect(name).toMatch(/^hypercache_[a-z]+(_[a-z]+)*$/);
      expect(help).toMatch(/\.$/);
    }
  });
});
