/** What a coordinator tells Prometheus: members by status, and the moves of partitions. */
import type { CoordinatorHost } from '#libs/coordinator-host';
import { replicationReport, type ReplicationReport } from '#libs/cluster';
import { METRICS, type MetricSample, type MetricsRegistry } from '#libs/metrics-prom';

export function addCoordinatorMetrics(registry: MetricsRegistry, host: CoordinatorHost): void {
  registry.gauge({
    ...METRICS.members,
    labelNames: ['state'],
    read: () => {
      const counts = new Map<string, number>();
      for (const node of host.clusterTable()?.nodes ?? []) counts.set(node.status, (counts.get(node.status) ?? 0) + 1);
      return [...counts].map(([state, value]) => ({ labels: { state }, value }));
    },
  });
  registry.gauge({
    ...METRICS.memberPhi,
    labelNames: ['node'],
    read: () => host.members().map(({ node, phi }) => ({ labels: { node: node.nodeId }, value: phi })),
  });
  registry.counter({
    ...METRICS.memberProbes,
    labelNames: ['outcome'],
    read: () => Object.entries(host.monitorCounters.probes).map(([outcome, value]) => ({ labels: { outcome }, value })),
  });
  registry.counter({
    ...METRICS.memberFlaps,
    labelNames: [],
    read: () => [{ labels: {}, value: host.monitorCounters.holds }],
  });
  registry.counter({
    ...METRICS.memberOutages,
    labelNames: [],
    read: () => [{ labels: {}, value: host.monitorCounters.outages }],
  });
  registry.gauge({
    ...METRICS.partitionMoves,
    labelNames: [],
    read: () => [
      { labels: {}, value: host.clusterTable()?.partitions.filter(({ moveId }) => moveId !== 0).length ?? 0 },
    ],
  });
  registry.counter({
    ...METRICS.partitionMovesTotal,
    labelNames: ['outcome'],
    read: () => {
      const { movesStarted, movesFinished, movesAborted } = host.counters;
      return [
        { labels: { outcome: 'started' }, value: movesStarted },
        { labels: { outcome: 'finished' }, value: movesFinished },
        { labels: { outcome: 'aborted' }, value: movesAborted },
      ];
    },
  });
  addReplicationMetrics(registry, host);
  registry.gauge({
    ...METRICS.drainingNodes,
    labelNames: [],
    read: () => {
      const isDraining = ({ status }: { readonly status: string }): boolean => status === 'draining';
      return [{ labels: {}, value: host.clusterTable()?.nodes.filter(isDraining).length ?? 0 }];
    },
  });
}

function addReplicationMetrics(registry: MetricsRegistry, host: CoordinatorHost): void {
  const ofReport = (value: (report: ReplicationReport) => number) => (): MetricSample[] => {
    const table = host.clusterTable();
    return [{ labels: {}, value: table === undefined ? 0 : value(replicationReport(table)) }];
  };
  registry.gauge({
    ...METRICS.partitionsUnderReplicated,
    labelNames: [],
    read: ofReport(({ underReplicated }) => underReplicated),
  });
  registry.gauge({ ...METRICS.partitionsChangingOwners, labelNames: [], read: ofReport(({ changing }) => changing) });
  registry.counter({
    ...METRICS.primaryChanges,
    labelNames: ['reason'],
    read: () => [
      { labels: { reason: 'failover' }, value: host.counters.failovers },
      { labels: { reason: 'handback' }, value: host.counters.handBacks },
    ],
  });
  registry.counter({
    ...METRICS.promotionsFailed,
    labelNames: [],
    read: () => [{ labels: {}, value: host.counters.failedPromotions }],
  });
}
