import type { Telemetry } from '#libs/ports';
import { NoTelemetry } from './no-telemetry.js';

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
  /** Sends what is waiting; never rejects, for a lost trace is no failure. */
  flush(): Promise<void>;
  /** Flushes and stops; spans of later operations are dropped. */
  shutdown(): Promise<void>;
}

/** OpenTelemetry is loaded only here and only when there is somewhere to send to: it costs 80 ms and 17 MB. */
export async function createTelemetry(options: TelemetryOptions): Promise<ManagedTelemetry> {
  const environment = options.environment ?? process.env;
  const endpoint = options.endpoint ?? environment['OTEL_EXPORTER_OTLP_ENDPOINT'] ?? '';
  if (endpoint.trim() === '') return new NoTelemetry();
  const { OtelTelemetry } = await import('./otel-telemetry.js');
  return new OtelTelemetry(tracesUrl(endpoint.trim()), options);
}

const TRACES_PATH = '/v1/traces';

/** The endpoint is the base of all signals; who names the traces' own path is understood as well. */
export function tracesUrl(endpoint: string): string {
  const url = new URL(endpoint);
  const base = url.pathname.replace(/\/+$/, '');
  url.pathname = base.endsWith(TRACES_PATH) ? base : base + TRACES_PATH;
  return url.href;
}
