export type { ArrayHistogramOptions } from './array-histogram.js';
export { MetricsRegistry, type ArrayCounterOptions, type MetricsRegistryOptions } from './metrics-registry.js';
export { METRICS, type MetricText } from './names.js';
export type { MetricSample, SampledOptions } from './sampled-counter.js';
