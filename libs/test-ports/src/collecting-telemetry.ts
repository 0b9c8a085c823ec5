import type { Span, SpanAttributes, SpanKind, Telemetry, TraceContext } from '#libs/ports';

export interface CollectedSpan extends Span {
  readonly name: string;
  readonly kind: SpanKind;
  readonly parent: TraceContext | undefined;
  readonly attributes: Record<string, string | number | boolean>;
  isEnded: boolean;
  error: string | undefined;
}

/** Keeps every span; off and sampling nothing until a test switches it on. */
export class CollectingTelemetry implements Telemetry {
  enabled = false;
  isSampling = false;
  readonly spans: CollectedSpan[] = [];

  shouldSample(): boolean {
    return this.isSampling;
  }

  startSpan(name: string, kind: SpanKind, parent: TraceContext | undefined, attributes?: SpanAttributes): Span {
    const number = this.spans.length + 1;
    const context: TraceContext = {
      traceId: parent?.traceId ?? new Uint8Array(16).fill(number),
      spanId: new Uint8Array(8).fill(number),
    };
    const span: CollectedSpan = {
      name,
      kind,
      parent,
      context,
      attributes: { ...attributes },
      isEnded: false,
      error: undefined,
      setAttribute: (key, value) => void (span.attributes[key] = value),
      end: (error) => {
        span.isEnded = true;
        span.error = error;
      },
    };
    this.spans.push(span);
    return span;
  }
}
