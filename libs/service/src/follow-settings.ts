import { effectiveLogLevels, type RuntimeConfig } from '#libs/config';
import type { PinoLogger } from '#libs/logger-pino';
import type { ManagedTelemetry } from '#libs/telemetry-otel';

/** Applies what every service has in common when settings change; hosts and listeners follow in their own modules. */
export function followSettings(settings: RuntimeConfig, logger: PinoLogger, telemetry: ManagedTelemetry): void {
  settings.onChange(({ logging, debug, tracing }) => {
    const { level, components } = effectiveLogLevels(logging, debug);
    logger.setLevels(level, components);
    telemetry.setSamplesPerSecond(tracing.samplesPerSecond);
    const changed = Object.fromEntries(settings.overrides.map(({ path, value }) => [path, value]));
    logger.log('INFO', 'LIFECYCLE', 'settings changed at run time', { details: { settings: changed } });
    for (const line of settings.rejected) logger.log('WARN', 'LIFECYCLE', `a changed setting is not followed: ${line}`);
  });
}
