import type { Telemetry } from '#libs/ports';

export interface TelemetryOptions {
  /** OTLP over HTTP, as `http://jaeger:4318`. Default: the environment's OTEL_EXPORTER_OTLP_ENDPOINT; neither: off. */
  readonly endpoint?: string;
  readonly serviceName: string;
  readonly nodeId: string;
  readonly samplesPerSecond: number;
  /** Of the operations that begin here, the share that may be sampled at all; default 1. */
  readonly ratio?: number;
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** What the process that owns a telemetry does with it beyond the port. */
export interface ManagedTelemetry extends Telemetry {
  /** Changes the bound on operations that begin here and are traced. */
  setSamplesPerSecond(samplesPerSecond: number): void;
  /** Sends what is waiting; never rejects, for a lost trace is no failure. */
  flush(): Promise<void>;
  /** Flushes and stops; spans of later operations are dropped. */
  shutdown(): Promise<void>;
}
