import { METRICS, type MetricSample, type MetricsRegistry } from '#libs/metrics-prom';
import type { Bus } from '#libs/ports';

/** Messages of both connections. */
export function addBusMetrics(registry: MetricsRegistry, buses: { readonly control: Bus; readonly data: Bus }): void {
  registry.counter({
    ...METRICS.busMessages,
    labelNames: ['connection', 'direction'],
    read: () => [...samples('control', buses.control), ...samples('data', buses.data)],
  });
}

function samples(connection: string, { traffic }: Bus): MetricSample[] {
  return [
    { labels: { connection, direction: 'in' }, value: traffic.messagesIn },
    { labels: { connection, direction: 'out' }, value: traffic.messagesOut },
    { labels: { connection, direction: 'dropped' }, value: traffic.dropped },
  ];
}
