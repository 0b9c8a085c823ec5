import type { LogComponent, LogFields, Logger, LogLevel } from '#libs/ports';

export interface LogLine {
  readonly level: LogLevel;
  readonly component: LogComponent;
  readonly message: string;
  readonly fields: LogFields | undefined;
}

/** Keeps every line. */
export class CollectingLogger implements Logger {
  readonly lines: LogLine[] = [];

  isEnabled(): boolean {
    return true;
  }

  log(level: LogLevel, component: LogComponent, message: string, fields?: LogFields): void {
    this.lines.push({ level, component, message, fields });
  }

  matching(text: RegExp): readonly LogLine[] {
    return this.lines.filter((line) => text.test(line.message));
  }
}
