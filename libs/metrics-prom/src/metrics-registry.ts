import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { ArrayHistogram, type ArrayHistogramOptions } from './array-histogram.js';
import type { MetricText } from './names.js';
import { SampledCounter, type MetricSample, type SampledOptions } from './sampled-counter.js';

export interface MetricsRegistryOptions {
  readonly node: string;
  /** `gateway`, `storage-node`, `coordinator` or `standalone`. */
  readonly role: string;
  /** Metrics of the process and of Node itself; default true. */
  readonly processMetrics?: boolean;
}

export interface ArrayCounterOptions extends MetricText {
  readonly labelName: string;
  /** Value i of the label belongs to element i of the array. */
  readonly labelValues: readonly string[];
  /** Totals since the start, one per label value. */
  readonly read: () => Float64Array;
}

/**
 * All metrics of one process. Hosts count in plain numbers and typed arrays; everything that costs more (labels,
 * objects, text) happens when Prometheus asks.
 */
export class MetricsRegistry {
  private readonly registry = new Registry();
  private readonly collectors: (() => void)[] = [];

  constructor({ node, role, processMetrics = true }: MetricsRegistryOptions) {
    this.registry.setDefaultLabels({ node, role });
    if (processMetrics) collectDefaultMetrics({ register: this.registry });
  }

  /** The Content-Type of what {@link metrics} answers. */
  get contentType(): string {
    return this.registry.contentType;
  }

  /** Runs at each scrape before anything is read, for values that several metrics share. */
  addCollector(collect: () => void): void {
    this.collectors.push(collect);
  }

  /** Totals that only grow. */
  counter(options: SampledOptions): void {
    new SampledCounter(options, this.registry);
  }

  /**
   * Totals in a typed array. Labels whose total is still zero are left out, since a table of 250 commands has few in
   * use.
   */
  counterFromArray({ name, help, labelName, labelValues, read }: ArrayCounterOptions): void {
    const samples = function* (): Generator<MetricSample> {
      const totals = read();
      for (let row = 0; row < labelValues.length; row++) {
        if (totals[row] > 0) yield { labels: { [labelName]: labelValues[row] }, value: totals[row] };
      }
    };
    this.counter({ name, help, labelNames: [labelName], read: samples });
  }

  /** Values that go up and down; labels that `read` no longer answers disappear. */
  gauge({ name, help, labelNames, read }: SampledOptions): void {
    new Gauge({
      name,
      help,
      labelNames: [...labelNames],
      registers: [this.registry],
      collect() {
        this.reset();
        for (const { labels, value } of read()) this.set({ ...labels }, value);
      },
    });
  }

  histogramFromArrays(options: ArrayHistogramOptions): void {
    new ArrayHistogram(options, this.registry);
  }

  /** Everything in Prometheus's text format. */
  async metrics(): Promise<string> {
    for (const collect of this.collectors) collect();
    return this.registry.metrics();
  }
}
