/** What a storage node tells Prometheus: of each store its memory, counters and times, and what the node has in all. */
import type { FilterStats } from '#libs/filter';
import { METRICS, type MetricSample, type MetricsRegistry, type MetricText } from '#libs/metrics-prom';
import { EVICTION_CAUSES, type StorageHost, type StoreShards, type StoreStatistics } from '#libs/storage-host';

type StoreTotals = ReturnType<StoreShards['engine']['stats']>;

const QUANTILES = [0.5, 0.99] as const;

export function addStorageMetrics(registry: MetricsRegistry, host: StorageHost): void {
  addMemoryMetrics(registry, host);
  addStoreCounters(registry, host);
  addFilterMetrics(registry, host);
  const { statistics } = host;
  const total = (value: () => number) => (): MetricSample[] => [{ labels: {}, value: value() }];
  registry.counter({ ...METRICS.eventsAppended, labelNames: [], read: total(() => statistics.events) });
  registry.counter({ ...METRICS.partitionMoveBytes, labelNames: [], read: total(() => host.movedBytes) });
  registry.gauge({
    ...METRICS.hitRatio,
    labelNames: [],
    read: () => {
      const reads = statistics.hits + statistics.misses;
      return reads === 0 ? [] : [{ labels: {}, value: statistics.hits / reads }];
    },
  });
}

function addMemoryMetrics(registry: MetricsRegistry, host: StorageHost): void {
  const gauge = (text: MetricText, value: (totals: StoreTotals, store: StoreShards) => number): void =>
    registry.gauge({
      ...text,
      labelNames: ['store'],
      read: () => perStore(host, (store) => value(store.engine.stats(), store)),
    });
  gauge(METRICS.entries, ({ entries }) => entries);
  gauge(METRICS.memoryUsage, ({ usedBytes }) => usedBytes);
  gauge(METRICS.memoryLimit, (_totals, { share }) => share.targetBytes);
  gauge(METRICS.memoryWasted, ({ freeBytes }) => freeBytes);
  gauge(METRICS.memoryReclaimable, ({ reclaimableBytes }) => reclaimableBytes);
  gauge(METRICS.memoryFragmentation, ({ fragmentation }) => fragmentation);
  gauge(METRICS.memoryPressure, (_totals, { pressure }) => pressure);
  const { memory } = host.nodeStores;
  const ofNode = (value: () => number) => (): MetricSample[] => [{ labels: {}, value: value() }];
  registry.gauge({ ...METRICS.nodeMemoryUsage, labelNames: [], read: ofNode(() => memory.usedBytes) });
  registry.gauge({ ...METRICS.nodeMemoryLimit, labelNames: [], read: ofNode(() => memory.limitBytes) });
}

function addStoreCounters(registry: MetricsRegistry, host: StorageHost): void {
  const counter = (text: MetricText, value: (statistics: StoreStatistics) => number): void =>
    registry.counter({
      ...text,
      labelNames: ['store'],
      read: () => perStore(host, ({ statistics }) => value(statistics)),
    });
  counter(METRICS.hits, ({ hits }) => hits);
  counter(METRICS.misses, ({ misses }) => misses);
  counter(METRICS.sets, ({ sets }) => sets);
  counter(METRICS.deletes, ({ deletes }) => deletes);
  counter(METRICS.expirations, ({ expired }) => expired);
  counter(METRICS.memoryRefusals, ({ refusals }) => refusals);
  registry.counter({
    ...METRICS.evictions,
    labelNames: ['store', 'cause'],
    read: () =>
      EVICTION_CAUSES.flatMap((cause) => perStore(host, ({ statistics }) => statistics.evicted[cause], { cause })),
  });
  registry.gauge({
    ...METRICS.storeDuration,
    labelNames: ['store', 'quantile'],
    read: () =>
      QUANTILES.flatMap((quantile) =>
        perStore(host, ({ statistics }) => statistics.latency.quantileMs(quantile) / 1000, {
          quantile: String(quantile),
        }),
      ),
  });
}

/** Of stores that have a filter. */
function addFilterMetrics(registry: MetricsRegistry, host: StorageHost): void {
  const read = (value: (stats: FilterStats) => number) => (): MetricSample[] =>
    [...host.stores.values()].flatMap(({ definition, entries }) => {
      const stats = entries.filter?.stats();
      return stats === undefined ? [] : [{ labels: { store: definition.name }, value: value(stats) }];
    });
  const labelNames = ['store'];
  registry.counter({ ...METRICS.filterLookups, labelNames, read: read(({ lookups }) => lookups) });
  registry.counter({ ...METRICS.filterNegatives, labelNames, read: read(({ negatives }) => negatives) });
  registry.counter({ ...METRICS.filterFalsePositives, labelNames, read: read((stats) => stats.falsePositives) });
  registry.gauge({ ...METRICS.filterLoad, labelNames, read: read(({ loadFactor }) => loadFactor) });
  registry.gauge({ ...METRICS.filterBytes, labelNames, read: read(({ bytes }) => bytes) });
}

function perStore(
  host: StorageHost,
  value: (store: StoreShards) => number,
  labels: Readonly<Record<string, string>> = {},
): MetricSample[] {
  return [...host.stores.values()].map((store) => ({
    labels: { store: store.definition.name, ...labels },
    value: value(store),
  }));
}
