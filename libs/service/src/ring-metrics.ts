/**
 * What a storage node has of the partitions, told by itself: so each figure exists once, under the label `node` that all
 * its metrics bear.
 */
import type { ClusterTable } from '#libs/cluster';
import { METRICS, type MetricSample, type MetricsRegistry } from '#libs/metrics-prom';
import { ringReport, type RingNodeReport } from '#libs/ring';

export function addRingMetrics(registry: MetricsRegistry, table: () => ClusterTable | undefined, nodeId: string): void {
  const ofNode = (value: (node: RingNodeReport) => number) => (): MetricSample[] => {
    const known = table();
    const own = known && ringReport(known).nodes.find(({ id }) => id === nodeId);
    return own === undefined ? [] : [{ labels: {}, value: value(own) }];
  };
  registry.gauge({ ...METRICS.ringPartitions, labelNames: [], read: ofNode(({ partitions }) => partitions) });
  registry.gauge({ ...METRICS.ringPrimaries, labelNames: [], read: ofNode(({ primaries }) => primaries) });
  registry.gauge({ ...METRICS.ringDeviation, labelNames: [], read: ofNode(({ deviation }) => deviation) });
}
