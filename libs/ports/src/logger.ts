/** Components as they stand in log lines and in the settings of per-component levels. */
export const LOG_COMPONENTS = [
  'RESP_SERVER',
  'HTTP_API',
  'MEMBERSHIP',
  'EVENT_BUS',
  'STORAGE_ENGINE',
  'PERSISTENCE',
  'HASH_RING',
  'RAFT',
  'REPLICATION',
  'GATEWAY',
  'COORDINATOR',
  'LIFECYCLE',
] as const;
export type LogComponent = (typeof LOG_COMPONENTS)[number];

export const LOG_LEVELS = ['ERROR', 'WARN', 'INFO', 'DEBUG', 'TRACE'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** The fields that lines may carry, in one place; see docs/reference/logs.md. */
export interface LogFields {
  readonly correlationId?: string;
  readonly operation?: string;
  readonly key?: string;
  readonly nodeId?: string;
  readonly durationMs?: number;
  readonly success?: boolean;
  readonly traceId?: string;
  readonly spanId?: string;
  readonly error?: unknown;
  /** Anything else that helps to understand this line. */
  readonly details?: Readonly<Record<string, unknown>>;
}

export interface Logger {
  /** Cheap check before fields are built. */
  isEnabled(level: LogLevel, component: LogComponent): boolean;
  log(level: LogLevel, component: LogComponent, message: string, fields?: LogFields): void;
}
