import type { Telemetry } from '#libs/ports';

export interface TelemetryHarness {
  /** Samples at most 10 operations a second where it is enabled. */
  readonly telemetry: Telemetry;
  close(): Promise<void>;
}

/** The behaviour that every telemetry shares, off or on. */
export function telemetryContract(name: string, makeHarness: () => Promise<TelemetryHarness>): void {
  describe(`telemetry contract: ${name}`, () => {
    let harness: TelemetryHarness;

    beforeEach(async () => {
      harness = await makeHarness();
    });

    afterEach(() => harness.close());

    it('samples nothing when it is off, and a bounded number a second when it is on', () => {
      const { telemetry } = harness;
      let sampled = 0;
      for (let i = 0; i < 1_000; i++) if (telemetry.shouldSample(5_000 + i / 1_000)) sampled++;
      expect(sampled).toBe(telemetry.enabled ? 10 : 0);
      expect(telemetry.shouldSample(5_110)).toBe(telemetry.enabled);
    });

    it('makes root spans with ids of the right length', () => {
      const span = harness.telemetry.startSpan('root', 'server', undefined, { answer: 42 });
      expect(span.context.traceId).toHaveLength(16);
      expect(span.context.spanId).toHaveLength(8);
      span.setAttribute('late', true);
      span.end();
    });

    it('keeps the trace of a parent context, whoever made it', () => {
      const parent = { traceId: new Uint8Array(16).fill(7), spanId: new Uint8Array(8).fill(9) };
      const span = harness.telemetry.startSpan('child', 'consumer', parent);
      expect(span.context.traceId).toEqual(parent.traceId);
      if (harness.telemetry.enabled) expect(span.context.spanId).not.toEqual(parent.spanId);
      span.end('it failed');
    });
  });
}
