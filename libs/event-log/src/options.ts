import { EVENT_LOG_BOUNDS } from './bounds.js';

/** When the log syncs, as Redis's `appendfsync`. */
export type SyncPolicy = 'always' | 'everysec' | 'no';

export interface EventLogOptions {
  /** Below the disk's root. */
  readonly folder: string;
  readonly policy: SyncPolicy;
  /** A random number from 1 to 2^53 - 1, by which the files of this log know each other; taken where the folder holds no log yet. */
  readonly newLogId: number;
  readonly segmentBytes?: number;
  readonly pushBackBytes?: number;
  /** How the disk appends to segments; see `DiskOpenOptions`. */
  readonly appends?: 'background' | 'inline';
  readonly checkpointMinLogBytes?: number;
  /** The next checkpoint is due once the log behind the last one is so many times as long as that. */
  readonly checkpointFactor?: number;
}

export type LogSettings = Required<EventLogOptions>;

export function settingsOf(options: EventLogOptions): LogSettings {
  const { segmentBytes, pushBackBytes, checkpointMinLogBytes } = EVENT_LOG_BOUNDS;
  return { segmentBytes, pushBackBytes, appends: 'inline', checkpointMinLogBytes, checkpointFactor: 1, ...options };
}
