import type { CoordinatorHost } from '#libs/coordinator-host';
import { METRICS, type MetricsRegistry } from '#libs/metrics-prom';

type Metric = (typeof METRICS)[keyof typeof METRICS];

/** How a coordinator stands in its group; zeros while it has none. */
export function addRaftMetrics(registry: MetricsRegistry, host: CoordinatorHost): void {
  const gauge = (metric: Metric, value: () => number | undefined): void =>
    registry.gauge({ ...metric, labelNames: [], read: () => [{ labels: {}, value: value() ?? 0 }] });
  gauge(METRICS.raftTerm, () => host.raft?.status.term);
  gauge(METRICS.raftIsLeader, () => Number(host.isLeading));
  gauge(METRICS.raftQuorum, () => Number(host.knowsLeader));
  gauge(METRICS.raftVoters, () => host.raft?.status.configuration.voters.length);
  gauge(METRICS.raftCommitIndex, () => host.raft?.status.commit);
  gauge(METRICS.raftAppliedIndex, () => host.raft?.status.applied);
  registry.counter({
    ...METRICS.raftElections,
    labelNames: [],
    read: () => [{ labels: {}, value: host.raft?.counters.elections ?? 0 }],
  });
  registry.counter({
    ...METRICS.raftDroppedMessages,
    labelNames: ['reason'],
    read: () => {
      const { raft } = host;
      if (raft === undefined) return [];
      const { misaddressed, contradictions, overflows } = raft.counters;
      const dropped = { ...raft.dropped, misaddressed, contradictions, overflows };
      return Object.entries(dropped).map(([reason, value]) => ({ labels: { reason }, value }));
    },
  });
}
