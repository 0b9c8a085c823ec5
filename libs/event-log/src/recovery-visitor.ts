import type { ShardStart } from './checkpoint-format.js';
import type { LogPosition, LogTime } from './log-position.js';

/**
 * Gets what the log holds, in bounded steps between which the event loop runs on. First the checkpoint, shard by shard, then the
 * log. Applying must bear repetition: an entry of the checkpoint may show what later records say again, and a record of a
 * shard up to the sequence at which its part of the checkpoint began is contained in it (`ReplayFilter` knows which). A
 * DecodeError that it throws is reported as damage at that place.
 */
export interface RecoveryVisitor {
  /** Begins with nothing; whatever was visited before is void. Comes first, and again where a checkpoint turns out to be damaged. */
  onStart(): void;
  /** A shard of the checkpoint; its records follow. */
  onShard(shard: ShardStart): void;
  /** Whole event records of the shard named last. The buffer must not be kept. */
  onCheckpointRecords(buffer: Uint8Array, offset: number, length: number): void;
  /** Whole event records of many shards: one batch, as it was appended. The buffer must not be kept. */
  onLogRecords(buffer: Uint8Array, offset: number, length: number, wallMs: number, logical: number): void;
  onProgress(doneBytes: number, totalBytes: number): void;
}

/** What recovery does where something that was durable does not read: end with an error, or end there and set the rest aside. */
export type OnDamage = 'refuse' | 'stop-there';

/** Where the log was cut: what follows was being written when the process or the machine stopped, and was never durable. */
export interface LogCut {
  readonly path: string;
  readonly offset: number;
  readonly problem: string;
}

/** What `stop-there` left out. */
export interface LogLoss extends LogCut {
  /** The files that now hold what was left out. */
  readonly setAside: readonly string[];
}

export interface RecoveryReport {
  /** The folder held no log. */
  readonly isNew: boolean;
  readonly logId: number;
  /** Its number; 0 where replaying began with nothing. */
  readonly checkpoint: number;
  /** Of the files that were read. */
  readonly checkpointBytes: number;
  readonly logBytes: number;
  readonly batches: number;
  /** Up to here the log was replayed. */
  readonly end: LogPosition;
  /** The latest time that the log knows: the clock goes on behind it. */
  readonly latest: LogTime;
  /** The log was closed in order, so that nothing of its end can be missing. */
  readonly endedCleanly: boolean;
  readonly manifest: 'read' | 'missing' | 'damaged';
  /** Checkpoints that were damaged, each with its place, where an older one served. */
  readonly passedOver: readonly string[];
  readonly cut: LogCut | undefined;
  /**
   * Something that was durable is gone. Shards then stand at different points, and some may show parts of what is missing: they are
   * to be compared with replicas before they are trusted.
   */
  readonly lost: LogLoss | undefined;
}
