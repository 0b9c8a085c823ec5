/** The last lines that all processes of a run logged, kept for the report of a failure. */
import { LOG_LEVELS, type LogComponent, type LogFields, type Logger, type LogLevel } from '#libs/ports';

export interface SimLogLine {
  readonly timeMs: number;
  readonly process: string;
  readonly level: LogLevel;
  readonly component: LogComponent;
  readonly message: string;
  readonly fields: LogFields;
}

export class SimLog {
  private readonly kept: SimLogLine[] = [];
  private next = 0;
  /** Lines ever logged at ERROR. */
  errors = 0;

  constructor(
    private readonly nowMs: () => number,
    private readonly capacity = 400,
    private readonly onLine?: (line: SimLogLine) => void,
  ) {}

  add(process: string, level: LogLevel, component: LogComponent, message: string, fields: LogFields): void {
    const line = { timeMs: this.nowMs(), process, level, component, message, fields };
    if (level === 'ERROR') this.errors++;
    if (this.kept.length < this.capacity) this.kept.push(line);
    else this.kept[this.next] = line;
    this.next = (this.next + 1) % this.capacity;
    this.onLine?.(line);
  }

  /** Oldest first. */
  lines(): readonly SimLogLine[] {
    if (this.kept.length < this.capacity) return this.kept;
    return [...this.kept.slice(this.next), ...this.kept.slice(0, this.next)];
  }

  logger(process: string, levels: SimLogLevels = {}): Logger {
    return new SimLogger(this, process, levels);
  }
}

export interface SimLogLevels {
  readonly level?: LogLevel;
  readonly components?: Partial<Record<LogComponent, LogLevel>>;
}

class SimLogger implements Logger {
  constructor(
    private readonly sink: SimLog,
    private readonly process: string,
    private readonly levels: SimLogLevels,
  ) {}

  isEnabled(level: LogLevel, component: LogComponent): boolean {
    const least = this.levels.components?.[component] ?? this.levels.level ?? 'INFO';
    return LOG_LEVELS.indexOf(level) <= LOG_LEVELS.indexOf(least);
  }

  log(level: LogLevel, component: LogComponent, message: string, fields: LogFields = {}): void {
    if (this.isEnabled(level, component)) this.sink.add(this.process, level, component, message, fields);
  }
}

const STACK_LINES = 6;

/** An error with where it came from, as far as that does not depend on who runs the simulation. */
export function formatError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'DiskError') return error.message;
  return (error.stack ?? error.message).split('\n').slice(0, STACK_LINES).join('\n');
}

/** A line as reports print it. */
export function formatLogLine({ timeMs, process, level, component, message, fields }: SimLogLine): string {
  const error = fields.error === undefined ? '' : ` [${formatError(fields.error)}]`;
  const node = fields.nodeId === undefined || fields.nodeId === process ? '' : ` (${fields.nodeId})`;
  return `${timeMs.toFixed(3).padStart(10)} ${process.padEnd(6)} ${level.padEnd(5)} ${component} ${message}${node}${error}`;
}
