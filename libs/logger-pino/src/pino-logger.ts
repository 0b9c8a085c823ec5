import { pino, type DestinationStream, type Logger as Pino } from 'pino';
import { LOG_COMPONENTS, LOG_LEVELS, type LogComponent, type LogFields, type Logger, type LogLevel } from '#libs/ports';
import { keyText } from './key-text.js';
import { safeDetails, safeError, safeText } from './redaction.js';

export interface LoggerOptions {
  readonly level: LogLevel;
  readonly componentLevels?: Readonly<Partial<Record<LogComponent, LogLevel>>>;
  /** Default: standard output, written in the background and flushed synchronously when the process exits. */
  readonly destination?: DestinationStream;
  readonly bindings: { readonly nodeId: string };
}

const STANDARD_OUTPUT = 1;
/** Lines that wait for a slow standard output; beyond it they are dropped, for logging must not take the node down. */
const MAX_WAITING_BYTES = 8 * 1024 * 1024;

/** pino's own names of the port's levels: its numbers and its fast path stay as they are. */
const PINO_METHODS = { ERROR: 'error', WARN: 'warn', INFO: 'info', DEBUG: 'debug', TRACE: 'trace' } as const;

const RANKS = Object.fromEntries(LOG_LEVELS.map((level, rank) => [level, rank])) as Record<LogLevel, number>;

/**
 * JSON lines through pino. Levels are decided here, per component, and may change while the process runs; pino only
 * writes. Field names are those of the port's {@link LogFields}, with `durationMs` as `"duration":"2.3ms"`.
 */
export class PinoLogger implements Logger {
  private readonly componentLevels: Record<LogComponent, LogLevel>;

  constructor(
    private readonly sink: Pino,
    private readonly nodeId: string,
    level: LogLevel,
    componentLevels: Readonly<Partial<Record<LogComponent, LogLevel>>>,
  ) {
    const levels = LOG_COMPONENTS.map((component) => [component, componentLevels[component] ?? level]);
    this.componentLevels = Object.fromEntries(levels) as Record<LogComponent, LogLevel>;
  }

  isEnabled(level: LogLevel, component: LogComponent): boolean {
    return RANKS[level] <= RANKS[this.componentLevels[component]];
  }

  log(level: LogLevel, component: LogComponent, message: string, fields?: LogFields): void {
    if (!this.isEnabled(level, component)) return;
    this.sink[PINO_METHODS[level]](this.line(component, fields), safeText(message));
  }

  /** All levels at once, from the next line on: `level` where a component has none of its own. */
  setLevels(level: LogLevel, componentLevels: Readonly<Partial<Record<LogComponent, LogLevel>>>): void {
    for (const component of LOG_COMPONENTS) this.componentLevels[component] = componentLevels[component] ?? level;
  }

  levels(): Readonly<Record<LogComponent, LogLevel>> {
    return { ...this.componentLevels };
  }

  /** Resolves when everything logged so far has been handed to the operating system. */
  flush(): Promise<void> {
    return new Promise((resolve, reject) => this.sink.flush((error) => (error ? reject(error) : resolve())));
  }

  /** Undefined fields do not appear: pino leaves them out. */
  private line(component: LogComponent, fields: LogFields = {}): Record<string, unknown> {
    return {
      component,
      correlationId: fields.correlationId,
      operation: fields.operation,
      key: fields.key === undefined ? undefined : keyText(fields.key),
      nodeId: fields.nodeId ?? this.nodeId,
      duration: fields.durationMs === undefined ? undefined : durationText(fields.durationMs),
      success: fields.success,
      traceId: fields.traceId,
      spanId: fields.spanId,
      error: fields.error === undefined ? undefined : safeError(fields.error),
      details: fields.details === undefined ? undefined : safeDetails(fields.details),
    };
  }
}

export function createLogger(options: LoggerOptions): PinoLogger {
  const sink = pino(
    {
      base: null,
      level: 'trace',
      messageKey: 'message',
      timestamp: () => `,"timestamp":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label.toUpperCase() }) },
    },
    options.destination ?? pino.destination({ dest: STANDARD_OUTPUT, sync: false, maxLength: MAX_WAITING_BYTES }),
  );
  return new PinoLogger(sink, options.bindings.nodeId, options.level, options.componentLevels ?? {});
}

/** `2.3ms`; three decimals below a tenth, where one would say nothing. */
function durationText(durationMs: number): string {
  return `${durationMs.toFixed(durationMs > 0 && durationMs < 0.1 ? 3 : 1)}ms`;
}
