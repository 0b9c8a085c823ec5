import type { Span, SpanKind, TraceContext } from '#libs/ports';
import type { ManagedTelemetry } from './managed-telemetry.js';

/** Tracing that is off: nothing is sampled, nothing is loaded, nothing is sent. */
export class NoTelemetry implements ManagedTelemetry {
  readonly enabled = false;

  shouldSample(): boolean {
    return false;
  }

  /** Hosts do not call it while `enabled` is false; who does gets a span that goes nowhere in its parent's place. */
  startSpan(_name: string, _kind: SpanKind, parent: TraceContext | undefined): Span {
    return { ...NO_SPAN, context: parent ?? NO_SPAN.context };
  }

  setSamplesPerSecond(): void {}

  async flush(): Promise<void> {}

  async shutdown(): Promise<void> {}
}

const NO_SPAN: Span = {
  context: { traceId: new Uint8Array(16), spanId: new Uint8Array(8) },
  setAttribute: () => undefined,
  end: () => undefined,
};
