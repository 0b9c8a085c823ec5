import type { Clock, LogComponent, LogFields, Logger, LogLevel } from '#libs/ports';
import { COORDINATOR_BOUNDS } from './bounds.js';

const REPEAT_AFTER_MS = 30_000;

/** Keeps a misbehaving peer from filling the log: the same line at most every half minute. */
export class LimitedLog {
  private readonly loggedAtMs = new Map<string, number>();

  constructor(
    private readonly logger: Logger,
    private readonly clock: Clock,
  ) {}

  log(level: LogLevel, component: LogComponent, message: string, fields: LogFields = {}): void {
    const key = `${fields.nodeId ?? ''} ${message}`;
    const nowMs = this.clock.monotonicMs();
    const lastMs = this.loggedAtMs.get(key);
    if (lastMs !== undefined && nowMs - lastMs < REPEAT_AFTER_MS) return;
    if (this.loggedAtMs.size >= COORDINATOR_BOUNDS.maxLimitedLines && !this.dropOld(nowMs)) return;
    this.loggedAtMs.set(key, nowMs);
    this.logger.log(level, component, message, fields);
  }

  /** False where every line is recent: further ones are left out. */
  private dropOld(nowMs: number): boolean {
    for (const [key, loggedAtMs] of this.loggedAtMs) {
      if (nowMs - loggedAtMs >= REPEAT_AFTER_MS) this.loggedAtMs.delete(key);
    }
    return this.loggedAtMs.size < COORDINATOR_BOUNDS.maxLimitedLines;
  }
}
