import type { CommandTable, NearFilterFigures } from '#libs/commands';
import { LATENCY_BUCKETS_SECONDS, type GatewayHost } from '#libs/gateway-host';
import { METRICS, type MetricSample, type MetricsRegistry } from '#libs/metrics-prom';

export function addGatewayMetrics(registry: MetricsRegistry, host: GatewayHost, commands: CommandTable): void {
  const { statistics } = host;
  const labelName = 'operation';
  const labelValues = Array.from({ length: commands.maxId + 1 }, (_, id) => operationName(commands, id));
  const perCommand = { labelName, labelValues };
  registry.counterFromArray({ ...METRICS.requests, ...perCommand, read: () => statistics.requests });
  registry.counterFromArray({ ...METRICS.requestErrors, ...perCommand, read: () => statistics.errors });
  registry.histogramFromArrays({
    ...METRICS.requestDuration,
    ...perCommand,
    bucketsSeconds: LATENCY_BUCKETS_SECONDS,
    counts: () => statistics.latencyCounts,
    sums: () => statistics.latencySumSeconds,
  });
  const total = (value: () => number) => (): MetricSample[] => [{ labels: {}, value: value() }];
  registry.counter({ ...METRICS.requestTimeouts, labelNames: [], read: total(() => statistics.timeouts) });
  registry.gauge({ ...METRICS.connections, labelNames: [], read: total(() => statistics.connectionsOpen) });
  addNearFilterMetrics(registry, host);
}

/** Of stores that permit copies of their filter at gateways. */
function addNearFilterMetrics(registry: MetricsRegistry, { nearFilters }: GatewayHost): void {
  const read = (value: (figures: NearFilterFigures) => number) => (): MetricSample[] =>
    nearFilters.all().map(([store, figures]) => ({ labels: { store }, value: value(figures) }));
  const labelNames = ['store'];
  registry.counter({ ...METRICS.nearFilterHits, labelNames, read: read(({ hits }) => hits) });
  registry.gauge({ ...METRICS.nearFilterBytes, labelNames, read: read(({ bytes }) => bytes) });
  registry.counter({ ...METRICS.nearFilterRefreshes, labelNames, read: read(({ refreshes }) => refreshes) });
}

/** `SET`, and `CLIENT SETNAME` of `client|setname`. */
function operationName(commands: CommandTable, id: number): string {
  return (commands.byId(id)?.name ?? '').replace('|', ' ').toUpperCase();
}
