export type {
  Bus,
  BusErrorReason,
  BusHeaders,
  BusMessage,
  BusStatus,
  BusSubscription,
  BusTraffic,
  PublishOptions,
  RequestOutcome,
  SubscribeOptions,
} from './bus.js';
export type { ClientSocket, ClientSocketHandler } from './client-socket.js';
export {
  DiskError,
  type Disk,
  type DiskCallback,
  type DiskErrorCode,
  type DiskFile,
  type DiskOpenOptions,
} from './disk.js';
export { checkDiskPath } from './disk-path.js';
export { inTurn, type DiskStep } from './disk-steps.js';
export { LOG_COMPONENTS, LOG_LEVELS, type LogComponent, type LogFields, type Logger, type LogLevel } from './logger.js';
export type { ProcessUsage } from './process-usage.js';
export type { Rng } from './rng.js';
export type { SettingChange, SettingFault, SettingView } from './settings.js';
export {
  SPANS,
  type Span,
  type SpanAttributes,
  type SpanKind,
  type Telemetry,
  type TraceContext,
} from './telemetry.js';
export type { Clock, TimerHandle, Timers } from './time.js';
