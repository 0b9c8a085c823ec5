/** Bytes per key beyond key and value, beside redis-server and memcached. */
import type { Resident } from '../memory/measurement.js';
import type { ChartSpec } from './render.js';

const SIZE = { width: 520, height: 200 };
const KINDS = ['without expiry', 'with expiry'];

export function memoryChart(residents: readonly Resident[], subtitle: string): ChartSpec {
  const values = residents.map(({ server, expiring, perKey }) => ({ server, kind: KINDS[Number(expiring)], perKey }));
  const servers = [...new Set(values.map(({ server }) => server))];
  const y = { field: 'server', type: 'nominal', sort: servers, title: null } as const;
  const yOffset = { field: 'kind', type: 'nominal', sort: KINDS } as const;
  const x = { field: 'perKey', type: 'quantitative', title: 'bytes per key beyond key and value' } as const;
  return {
    title: { text: 'Memory per key: growth of the process', subtitle },
    data: { values },
    ...SIZE,
    encoding: { y, yOffset, x },
    layer: [
      {
        mark: { type: 'bar' },
        encoding: { color: { field: 'kind', type: 'nominal', sort: KINDS, title: null } },
      },
      {
        mark: { type: 'text', align: 'left', dx: 4 },
        encoding: { text: { field: 'perKey', type: 'quantitative', format: '.1f' } },
      },
    ],
  };
}
