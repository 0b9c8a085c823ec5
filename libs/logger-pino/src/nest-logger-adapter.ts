import type { LoggerService } from '@nestjs/common';
import type { LogFields, Logger, LogLevel } from '#libs/ports';

/**
 * Nest's own lines in the common format: component LIFECYCLE, with Nest's context in the details. Nest passes the
 * context as the last argument, and an error's stack before it.
 */
export class NestLoggerAdapter implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, ...rest: unknown[]): void {
    this.write('INFO', message, rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.write('ERROR', message, rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.write('WARN', message, rest);
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.write('DEBUG', message, rest);
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.write('TRACE', message, rest);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.write('ERROR', message, rest);
  }

  private write(level: LogLevel, message: unknown, rest: readonly unknown[]): void {
    if (!this.logger.isEnabled(level, 'LIFECYCLE')) return;
    this.logger.log(level, 'LIFECYCLE', messageText(message), fieldsOf(message, rest));
  }
}

function messageText(message: unknown): string {
  if (typeof message === 'string') return message;
  if (message instanceof Error) return message.message;
  return typeof message === 'object' && message !== null ? 'Nest' : String(message);
}

function fieldsOf(message: unknown, rest: readonly unknown[]): LogFields {
  const details: Record<string, unknown> = {};
  if (typeof message === 'object' && message !== null && !(message instanceof Error)) details['message'] = message;
  const context = rest.at(-1);
  const others = typeof context === 'string' && !isStack(context) ? rest.slice(0, -1) : rest;
  if (others.length < rest.length) details['context'] = context;
  const error = message instanceof Error ? message : others.find((each) => each instanceof Error);
  const extra = others.filter((each) => each !== undefined && !(each instanceof Error));
  if (extra.length > 0) details['extra'] = extra;
  return { ...(Object.keys(details).length > 0 && { details }), ...(error !== undefined && { error }) };
}

function isStack(text: string): boolean {
  return /\n\s+at /.test(text);
}
