/** What cleaning costs, against how full the store is. */
import type { Churn } from '../memory-churn/measurement.js';
import type { ChartSpec } from './render.js';

const SIZE = { width: 520, height: 260 };

export function cleaningChart(churns: readonly Churn[], subtitle: string): ChartSpec {
  const values = churns.map(({ fill, movedPerWritten }) => ({ fill, movedPerWritten }));
  return {
    title: { text: 'Cost of cleaning', subtitle },
    data: { values },
    ...SIZE,
    mark: { type: 'line', point: { filled: true, size: 50 } },
    encoding: {
      x: {
        field: 'fill',
        type: 'quantitative',
        title: 'fill: share of the limit that entries and index need',
        axis: { format: '.0%', values: values.map(({ fill }) => fill) },
        scale: { zero: false, nice: false },
      },
      y: { field: 'movedPerWritten', type: 'quantitative', title: 'bytes moved per byte written' },
      color: { datum: 'StoreEngine', legend: null },
    },
  };
}
