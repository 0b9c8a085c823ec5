import type { ManagedTelemetry, TelemetryOptions } from './managed-telemetry.js';
import { NoTelemetry } from './no-telemetry.js';

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
