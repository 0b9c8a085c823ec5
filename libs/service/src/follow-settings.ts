import { effectiveLogLevels, type RuntimeConfig } from '#libs/config';
import type { PinoLogger } from '#libs/logger-pino';
import type { ManagedTelemetry } from '#libs/telemetry-otel';

/** Applies what every service has in common when settings change; hosts and listeners follow in their own modules. */
export function followSettings(settings: RuntimeConfig, logger: PinoLogger, telemetry: ManagedTelemetry): void {
  settings.onChange(({ logging, debug, tracing }) => {
    const { level, components } = effectiveLogLevels(logging, debug);
    logger.setLevels(level, components);
    telemetry.setSamplesPerSecond(tracing.samplesPerSecond);
    for (const line of settings.rejected) logger.log('WARN', 'LIFECYCLE', `a changed setting is not followed: ${line}`);
  });
}
