import { METRICS, type MetricSample, type MetricsRegistry } from '#libs/metrics-prom';
import type { StorageHost, StoreShards } from '#libs/storage-host';

type StoreTotals = ReturnType<StoreShards['engine']['stats']>;

export function addStorageMetrics(registry: MetricsRegistry, host: StorageHost): void {
  const { statistics } = host;
  const perStore = (value: (totals: StoreTotals) => number) => (): MetricSample[] =>
    [...host.stores.values()].map(({ definition, engine }) => ({
      labels: { store: definition.name },
      value: value(engine.stats()),
    }));
  registry.gauge({ ...METRICS.entries, labelNames: ['store'], read: perStore(({ entries }) => entries) });
  registry.gauge({ ...METRICS.memoryUsage, labelNames: ['store'], read: perStore(({ usedBytes }) => usedBytes) });
  registry.gauge({ ...METRICS.memoryLimit, labelNames: ['store'], read: perStore(({ limitBytes }) => limitBytes) });
  registry.gauge({ ...METRICS.memoryWasted, labelNames: ['store'], read: perStore(({ freeBytes }) => freeBytes) });
  const total = (value: () => number) => (): MetricSample[] => [{ labels: {}, value: value() }];
  registry.counter({ ...METRICS.hits, labelNames: [], read: total(() => statistics.hits) });
  registry.counter({ ...METRICS.misses, labelNames: [], read: total(() => statistics.misses) });
  registry.counter({ ...METRICS.evictions, labelNames: [], read: total(() => statistics.evicted) });
  registry.counter({ ...METRICS.expirations, labelNames: [], read: total(() => statistics.expired) });
  registry.counter({ ...METRICS.eventsAppended, labelNames: [], read: total(() => statistics.events) });
  registry.gauge({
    ...METRICS.hitRatio,
    labelNames: [],
    read: () => {
      const reads = statistics.hits + statistics.misses;
      return reads === 0 ? [] : [{ labels: {}, value: statistics.hits / reads }];
    },
  });
}
