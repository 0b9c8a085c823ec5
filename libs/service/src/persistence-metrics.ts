/** What a storage node that keeps its entries tells Prometheus of its log. */
import { METRICS, type MetricSample, type MetricsRegistry } from '#libs/metrics-prom';
import type { StorageHost } from '#libs/storage-host';

export function addPersistenceMetrics(registry: MetricsRegistry, { persistence }: StorageHost): void {
  if (persistence === undefined) return;
  const { log } = persistence;
  const labelNames: readonly string[] = [];
  const read = (value: () => number | undefined) => (): MetricSample[] => {
    const known = value();
    return known === undefined ? [] : [{ labels: {}, value: known }];
  };
  registry.counter({ ...METRICS.logWrittenBytes, labelNames, read: read(() => log.report?.writtenBytes) });
  registry.counter({ ...METRICS.logSyncs, labelNames, read: read(() => log.report?.syncs) });
  registry.counter({ ...METRICS.logFailures, labelNames, read: read(() => log.report?.failures) });
  registry.gauge({ ...METRICS.logBehindBytes, labelNames, read: read(() => log.report?.behindBytes) });
  registry.gauge({ ...METRICS.logPendingBytes, labelNames, read: read(() => log.report?.pendingBytes) });
  registry.gauge({ ...METRICS.logRefusing, labelNames, read: read(() => (log.refusal === undefined ? 0 : 1)) });
  registry.gauge({
    ...METRICS.recoverySeconds,
    labelNames,
    read: read(() => (persistence.recoveryMs === undefined ? undefined : persistence.recoveryMs / 1_000)),
  });
  registry.counter({
    ...METRICS.checkpoints,
    labelNames: ['outcome'],
    read: () => [
      { labels: { outcome: 'complete' }, value: log.report?.checkpoints ?? 0 },
      { labels: { outcome: 'failed' }, value: log.report?.failedCheckpoints ?? 0 },
    ],
  });
}
