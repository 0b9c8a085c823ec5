import type { Span, Telemetry } from '#libs/ports';

const SPAN: Span = {
  context: { traceId: new Uint8Array(16).fill(1), spanId: new Uint8Array(8).fill(1) },
  setAttribute: () => undefined,
  end: () => undefined,
};

/** Simulated processes are not traced: the run's own record says more. */
export const NO_TELEMETRY: Telemetry = {
  enabled: false,
  shouldSample: () => false,
  startSpan: (_name, _kind, parent) => (parent === undefined ? SPAN : { ...SPAN, context: parent }),
};
