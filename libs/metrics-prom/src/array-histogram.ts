import { Histogram, type MetricObjectWithValues, type MetricValueWithName, type Registry } from 'prom-client';
import { assert } from '#libs/kernel';
import type { MetricText } from './names.js';

export interface ArrayHistogramOptions extends MetricText {
  readonly labelName: string;
  /** Value i of the label belongs to row i of the arrays. */
  readonly labelValues: readonly string[];
  /** Upper bounds, ascending, without infinity. */
  readonly bucketsSeconds: readonly number[];
  /**
   * Rows × (buckets + 1) counts, each in its own bucket only (not cumulative); the last column is what exceeds all
   * bounds. Read at every scrape, like `sums`.
   */
  readonly counts: () => Float64Array;
  /** Sum of the observed seconds per row. */
  readonly sums: () => Float64Array;
}

type Sample = MetricValueWithName<string>;
type Samples = MetricObjectWithValues<Sample>;

/** A histogram whose buckets a host counts in typed arrays; rows without an observation are left out. */
export class ArrayHistogram extends Histogram<string> {
  /** An ordinary histogram without observations: it answers the type and the rest of the description. */
  private readonly description: Histogram<string>;

  constructor(
    private readonly options: ArrayHistogramOptions,
    registry: Registry,
  ) {
    const { name, help, labelName, bucketsSeconds } = options;
    const configuration = { name, help, labelNames: [labelName], buckets: [...bucketsSeconds] };
    super({ ...configuration, registers: [registry] });
    this.description = new Histogram({ ...configuration, registers: [] });
  }

  override async get(): Promise<Samples> {
    const described = await this.description.get();
    const counts = this.options.counts();
    const sums = this.options.sums();
    const { labelValues, bucketsSeconds } = this.options;
    assert(counts.length >= labelValues.length * (bucketsSeconds.length + 1), `${this.options.name} lacks counts`);
    const values = labelValues.flatMap((_, row) => this.samplesOfRow(row, counts, sums));
    return { ...described, values };
  }

  /** What the text format asks prom-client's histograms for, where they have one. */
  getForPromString(): Promise<Samples> {
    return this.get();
  }

  private samplesOfRow(row: number, counts: Float64Array, sums: Float64Array): Sample[] {
    const { name, labelName, labelValues, bucketsSeconds } = this.options;
    const labels = { [labelName]: labelValues[row] };
    const first = row * (bucketsSeconds.length + 1);
    const samples: Sample[] = [];
    let total = 0;
    for (let bucket = 0; bucket <= bucketsSeconds.length; bucket++) {
      total += counts[first + bucket];
      const le = bucket < bucketsSeconds.length ? bucketsSeconds[bucket] : '+Inf';
      samples.push({ metricName: `${name}_bucket`, labels: { ...labels, le }, value: total });
    }
    if (total === 0) return [];
    samples.push({ metricName: `${name}_sum`, labels, value: sums[row] });
    samples.push({ metricName: `${name}_count`, labels, value: total });
    return samples;
  }
}
