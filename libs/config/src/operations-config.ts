import { LOG_COMPONENTS, LOG_LEVELS, type LogComponent, type LogLevel } from '#libs/ports';
import {
  BooleanSetting,
  BytesSetting,
  ChoiceSetting,
  IntegerSetting,
  LevelsSetting,
  TextSetting,
} from './setting-types.js';

/** As Redis has them. */
export const FSYNC_POLICIES = ['always', 'everysec', 'no'] as const;
export type FsyncPolicy = (typeof FSYNC_POLICIES)[number];

/** Traces by OpenTelemetry's protocol (OTLP over HTTP). */
export class TracingConfig {
  @TextSetting({
    doc: 'Address of the collector, such as `http://jaeger:4318`.',
    defaultText: 'none: tracing is off',
    env: ['HC_TRACING_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT'],
    pattern: /^$|^https?:\/\/[^\s]+$/,
    allowed: 'an http or https address such as http://jaeger:4318',
  })
  endpoint = '';

  @IntegerSetting({ doc: 'Operations that are traced in a second at the most.', min: 0, max: 100_000, runtime: true })
  samplesPerSecond = 10;
}

export class LoggingConfig {
  @ChoiceSetting({
    doc: 'Least severe level that is logged.',
    env: ['HC_LOG_LEVEL'],
    flag: 'log-level',
    choices: LOG_LEVELS,
    defaultText: '`INFO`; `WARN` in standalone',
    runtime: true,
  })
  level: LogLevel = 'INFO';

  @LevelsSetting({
    doc: 'Levels of single components, such as `RAFT: DEBUG`.',
    defaultText: 'none',
    env: ['HC_LOG_COMPONENTS'],
    flag: 'log-components',
    components: LOG_COMPONENTS,
    levels: LOG_LEVELS,
    runtime: true,
  })
  components: Readonly<Partial<Record<LogComponent, LogLevel>>> = {};
}

export class PersistenceConfig {
  @TextSetting({
    doc: 'Folder of what this node keeps over restarts; each node has its own.',
    defaultText: '`data/<role>`',
    env: ['HC_DATA_DIR'],
    flag: 'data-dir',
  })
  dataDir = '';

  @BooleanSetting({
    doc: 'Whether a storage node keeps its entries over restarts, in a log of all changes.',
    env: ['HC_PERSISTENCE'],
    flag: 'persistence',
  })
  enabled = true;

  @ChoiceSetting({
    doc: 'When that log is forced to the disk: before a write is acknowledged, every second, or when the system likes.',
    env: ['HC_APPENDFSYNC'],
    flag: 'appendfsync',
    choices: FSYNC_POLICIES,
    runtime: true,
  })
  appendfsync: FsyncPolicy = 'everysec';

  @BytesSetting({
    doc: 'A file of the log has about this size; what the last checkpoint holds is removed by whole files.',
    min: 64 * 1_024,
    max: 1_024 ** 3,
  })
  segmentBytes = 64 * 1_024 ** 2;

  @BytesSetting({
    doc: 'A checkpoint, which shortens the log, is taken after so much log, and not before the log has the size of the last one.',
    min: 64 * 1_024,
    max: 1_024 ** 4,
  })
  checkpointBytes = 64 * 1_024 ** 2;
}
