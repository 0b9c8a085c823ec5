import { METRICS } from '#libs/metrics-prom';
import type { ServiceContext } from './service-context.js';

/** The table that this process acts on. In standalone the coordinator's speaks for all three members. */
export function addTableVersionMetric(
  { role, metrics }: ServiceContext,
  member: 'coordinator' | 'gateway' | 'storage-node',
  read: () => number | undefined,
): void {
  if (role === 'standalone' && member !== 'coordinator') return;
  metrics.gauge({ ...METRICS.tableVersion, labelNames: [], read: () => [{ labels: {}, value: read() ?? 0 }] });
}
