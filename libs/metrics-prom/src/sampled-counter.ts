import { Counter, type MetricObjectWithValues, type MetricValue, type Registry } from 'prom-client';
import type { MetricText } from './names.js';

export interface MetricSample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface SampledOptions extends MetricText {
  readonly labelNames: readonly string[];
  /** The values as they stand; called at every scrape. */
  readonly read: () => Iterable<MetricSample>;
}

/**
 * A counter whose totals are kept elsewhere and read when Prometheus asks. prom-client's own counter can only be
 * increased, so that each scrape would have to work out differences.
 */
export class SampledCounter extends Counter<string> {
  constructor(
    private readonly options: SampledOptions,
    registry: Registry,
  ) {
    const { name, help, labelNames } = options;
    super({ name, help, labelNames: [...labelNames], registers: [registry] });
  }

  override async get(): Promise<MetricObjectWithValues<MetricValue<string>>> {
    const described = await super.get();
    return { ...described, values: Array.from(this.options.read(), ({ labels, value }) => ({ labels, value })) };
  }
}
