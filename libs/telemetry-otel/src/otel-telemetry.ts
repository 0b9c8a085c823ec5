import {
  ROOT_CONTEXT,
  SpanKind as OtelKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Context,
  type Span as OtelSpan,
  type Tracer,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { AlwaysOnSampler, BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-node';
import type { Span, SpanAttributes, SpanKind, TraceContext } from '#libs/ports';
import type { ManagedTelemetry, TelemetryOptions } from './managed-telemetry.js';
import { bytesOfHex, hexOfBytes } from './hex.js';
import { SampleLimiter } from './sample-limiter.js';

/** Spans that wait to be sent; more are dropped. */
const MAX_WAITING_SPANS = 4_096;
const MAX_BATCH_SPANS = 512;
const SEND_INTERVAL_MS = 1_000;
const SEND_TIMEOUT_MS = 5_000;

const KINDS: Readonly<Record<SpanKind, OtelKind>> = {
  server: OtelKind.SERVER,
  client: OtelKind.CLIENT,
  producer: OtelKind.PRODUCER,
  consumer: OtelKind.CONSUMER,
  internal: OtelKind.INTERNAL,
};

/**
 * The telemetry port over OpenTelemetry. The provider is not registered globally and samples everything: whether an
 * operation is traced was decided by {@link shouldSample} where it began, and whoever has a parent context has one
 * because that decision was yes.
 */
export class OtelTelemetry implements ManagedTelemetry {
  readonly enabled = true;
  private readonly provider: BasicTracerProvider;
  private readonly tracer: Tracer;
  private readonly limiter: SampleLimiter;

  constructor(url: string, options: TelemetryOptions) {
    const exporter = new OTLPTraceExporter({ url, timeoutMillis: SEND_TIMEOUT_MS });
    const processor = new BatchSpanProcessor(exporter, {
      maxQueueSize: MAX_WAITING_SPANS,
      maxExportBatchSize: MAX_BATCH_SPANS,
      scheduledDelayMillis: SEND_INTERVAL_MS,
      exportTimeoutMillis: SEND_TIMEOUT_MS,
    });
    this.provider = new BasicTracerProvider({
      resource: resourceFromAttributes({ 'service.name': options.serviceName, 'service.instance.id': options.nodeId }),
      sampler: new AlwaysOnSampler(),
      spanProcessors: [processor],
    });
    this.tracer = this.provider.getTracer('hypercache');
    this.limiter = new SampleLimiter(options.samplesPerSecond, options.ratio);
  }

  shouldSample(nowMs: number): boolean {
    return this.limiter.take(nowMs);
  }

  setSamplesPerSecond(samplesPerSecond: number): void {
    this.limiter.setRate(samplesPerSecond);
  }

  startSpan(name: string, kind: SpanKind, parent: TraceContext | undefined, attributes?: SpanAttributes): Span {
    const options = { kind: KINDS[kind], ...(attributes && { attributes }) };
    return new SpanOfOtel(this.tracer.startSpan(name, options, parent ? contextOf(parent) : ROOT_CONTEXT));
  }

  async flush(): Promise<void> {
    await this.provider.forceFlush().catch(() => undefined);
  }

  async shutdown(): Promise<void> {
    await this.provider.shutdown().catch(() => undefined);
  }
}

function contextOf(parent: TraceContext): Context {
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId: hexOfBytes(parent.traceId),
    spanId: hexOfBytes(parent.spanId),
    traceFlags: TraceFlags.SAMPLED,
    isRemote: true,
  });
}

class SpanOfOtel implements Span {
  readonly context: TraceContext;

  constructor(private readonly span: OtelSpan) {
    const { traceId, spanId } = span.spanContext();
    this.context = { traceId: bytesOfHex(traceId), spanId: bytesOfHex(spanId) };
  }

  setAttribute(name: string, value: string | number | boolean): void {
    this.span.setAttribute(name, value);
  }

  end(error?: string): void {
    if (error !== undefined) this.span.setStatus({ code: SpanStatusCode.ERROR, message: error });
    this.span.end();
  }
}
