/**
 * Tracing. Hosts ask `shouldSample` once per turn and otherwise do no tracing work at all; only sampled operations
 * carry a {@link TraceContext} and get spans.
 */
export interface TraceContext {
  /** 16 bytes, not all zero. */
  readonly traceId: Uint8Array;
  /** 8 bytes, not all zero: the parent of spans made from this context. */
  readonly spanId: Uint8Array;
}

export type SpanKind = 'server' | 'client' | 'producer' | 'consumer' | 'internal';
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

export interface Span {
  readonly context: TraceContext;
  setAttribute(name: string, value: string | number | boolean): void;
  /** Ends the span; `error` marks it as failed. */
  end(error?: string): void;
}

export interface Telemetry {
  /** False where tracing is off: callers skip everything else. */
  readonly enabled: boolean;
  /** Whether the next operation is traced (rate-limited in production). `nowMs` is monotonic. */
  shouldSample(nowMs: number): boolean;
  startSpan(name: string, kind: SpanKind, parent: TraceContext | undefined, attributes?: SpanAttributes): Span;
}

/** Span names stand in one place. */
export const SPANS = {
  restRequest: 'rest.request',
  gatewayOperation: 'gateway.operation',
  storageExecute: 'storage.execute',
} as const;
