/**
 * The append-only log of one storage node, with checkpoints and recovery: what a turn has decided is appended as one batch and,
 * once that is kept as the policy promises, acknowledged. Synchronous: disk and time come in.
 *
 * One object is one life: `open` first, `close` last. See docs/durability.md for what each policy survives.
 */
import { assert } from '#libs/kernel';
import type { Disk } from '#libs/ports';
import { CheckpointKeeper, type CheckpointInfo } from './checkpoint-keeper.js';
import type { CheckpointCallback, CheckpointWriter } from './checkpoint-writer.js';
import { EventLogError, ioError } from './event-log-error.js';
import { FileNames } from './file-names.js';
import type { RecoveredLog } from './folder-order.js';
import type { LogListener, Ticket } from './log-listener.js';
import type { LogPosition, LogTime } from './log-position.js';
import { LogReader } from './log-reader.js';
import { LogStatistics } from './log-statistics.js';
import { LogWriter } from './log-writer.js';
import { settingsOf, type EventLogOptions, type LogSettings, type SyncPolicy } from './options.js';
import { Recovery } from './recovery.js';
import type { OnDamage, RecoveryReport, RecoveryVisitor } from './recovery-visitor.js';
import { MIN_BATCH_BODY_BYTES } from './segment-format.js';
import type { SegmentTable } from './segment-table.js';

export type LogState = 'closed' | 'opening' | 'writing' | 'refusing';
export type OpenCallback = (error: EventLogError | undefined, report: RecoveryReport) => void;
export type CloseCallback = (error: Error | undefined) => void;

/** What there is once the log is open. */
interface OpenLog {
  readonly logId: number;
  readonly segments: SegmentTable;
  readonly writer: LogWriter;
  readonly keeper: CheckpointKeeper;
}

export class EventLog {
  readonly statistics = new LogStatistics();
  private readonly settings: LogSettings;
  private readonly names: FileNames;
  private phase: 'new' | 'opening' | 'open' | 'closing' | 'closed' = 'new';
  private log: OpenLog | undefined;
  private latestWallMs = 0;
  private latestLogical = 0;

  constructor(
    private readonly disk: Disk,
    options: EventLogOptions,
    private readonly listener: LogListener,
  ) {
    this.settings = settingsOf(options);
    this.names = new FileNames(options.folder);
  }

  /** Gives the visitor all that the folder holds, puts the folder in order and begins a new segment. */
  open(visitor: RecoveryVisitor, onDamage: OnDamage, done: OpenCallback): void {
    assert(this.phase === 'new', 'a log is opened once');
    this.phase = 'opening';
    const { newLogId } = this.settings;
    new Recovery(this.disk, this.names, newLogId, visitor, onDamage, (error, recovered) => {
      if (error === undefined) return this.start(recovered, done);
      this.phase = 'closed';
      (done as (error: EventLogError) => void)(error);
    }).run();
  }

  get state(): LogState {
    if (this.phase !== 'open') return this.phase === 'opening' ? 'opening' : 'closed';
    return this.opened.writer.isRefusing ? 'refusing' : 'writing';
  }

  /** Whether the host should take operations that bring events: the log writes, and not too much is waiting. */
  get isAccepting(): boolean {
    if (this.phase !== 'open') return false;
    const { writer } = this.opened;
    return !writer.isRefusing && writer.pendingBytes < this.settings.pushBackBytes;
  }

  /** Bytes that were appended and are not written yet. */
  get pendingBytes(): number {
    return this.opened.writer.pendingBytes;
  }

  /**
   * Takes a copy of a turn's records, which are kept or lost together. The time is that of a hybrid logical clock, below
   * 2^48 and 2^16, and never falls: that is the caller's to see to, also where its clock was set back. REFUSED where more waits
   * than the log may hold: then what the host has applied is not logged, and the log refuses until a checkpoint has it.
   */
  append(records: Uint8Array, offset: number, length: number, wallMs: number, logical: number): Ticket {
    assert(length >= MIN_BATCH_BODY_BYTES, `${length} bytes are no records`);
    assert(wallMs >= 0 && wallMs < 2 ** 48 && logical >= 0 && logical < 2 ** 16, 'the time does not fit its field');
    if (wallMs > this.latestWallMs) this.latestLogical = 0;
    if (wallMs >= this.latestWallMs) {
      this.latestWallMs = wallMs;
      this.latestLogical = Math.max(this.latestLogical, logical);
    }
    return this.opened.writer.append(records, offset, length, wallMs, logical);
  }

  /** Drives syncs, retries and what was put off; to be called some twenty times a second, with a monotonic clock's time. */
  tick(nowMs: number): void {
    if (this.log === undefined) return;
    this.log.keeper.tick(nowMs);
    this.log.writer.tick(nowMs);
  }

  setPolicy(policy: SyncPolicy): void {
    this.opened.writer.setPolicy(policy);
  }

  /** The checkpoint that counts; number 0 where there is none. */
  get checkpoint(): CheckpointInfo {
    return this.opened.keeper.checkpoint;
  }

  /** Bytes of the log behind the last checkpoint: what a recovery would replay. */
  get logBytes(): number {
    return this.opened.keeper.logBytes;
  }

  /** Whether a checkpoint should be begun now. Always, while the log refuses because something is missing. */
  get checkpointIsDue(): boolean {
    return this.phase === 'open' && this.opened.keeper.isDue;
  }

  /**
   * Begins a checkpoint; undefined where one is under way, or where no segment can be written at the moment. `onRoom` tells that
   * the writer takes records again, `done` that the checkpoint counts, or that it was given up: then the last one still does.
   */
  beginCheckpoint(onRoom: () => void, done: CheckpointCallback): CheckpointWriter | undefined {
    assert(this.phase === 'open', 'the log is not open');
    return this.opened.keeper.begin(onRoom, done);
  }

  /** Up to here the log was written. */
  get end(): LogPosition {
    return this.opened.segments.end;
  }

  /** The oldest segment that is kept. */
  get firstSegment(): number {
    return this.opened.segments.first;
  }

  /** Keeps a segment, and all that follow it, until as many `unpin`. False where it is gone already. Restarts unpin all. */
  pin(segment: number): boolean {
    return this.opened.segments.pin(segment);
  }

  unpin(segment: number): void {
    const { segments, keeper } = this.opened;
    segments.unpin(segment);
    keeper.trim();
  }

  /** Reads from the beginning of a segment on; undefined where it is gone, or not begun yet. To be closed after use. */
  reader(from: number): LogReader | undefined {
    const { segments, logId, keeper } = this.opened;
    if (from > segments.lastNumber + 1 || !segments.pin(from)) return undefined;
    const onUnpinned = (): void => keeper.trim();
    return new LogReader({ disk: this.disk, names: this.names, logId, segments, onUnpinned }, from);
  }

  /** Writes and syncs what is pending, notes that nothing is missing, and gives the files back, also where that fails. */
  close(done: CloseCallback): void {
    assert(this.phase === 'open', 'only an open log is closed');
    this.phase = 'closing';
    const { keeper, writer } = this.opened;
    keeper.abort(new EventLogError('closed', this.names.logFolder, 0, 'the log is being closed'));
    writer.close((error) => {
      this.phase = 'closed';
      if (error !== undefined || writer.isRefusing) return done(error);
      keeper.noteClosed(done);
    });
  }

  private get opened(): OpenLog {
    assert(this.log !== undefined, 'the log is not open');
    return this.log;
  }

  private start(
    { report, logId, table: segments, checkpoint, lastCheckpoint }: RecoveredLog,
    done: OpenCallback,
  ): void {
    const { disk, names, settings, statistics, listener } = this;
    this.latestWallMs = report.latest.wallMs;
    this.latestLogical = report.latest.logical;
    const parts = { disk, names, settings, logId, segments, statistics, listener };
    const nextCheckpoint = (): number => keeper.nextNumber;
    const writer = new LogWriter({ ...parts, nextCheckpoint });
    const latest = (): LogTime => ({ wallMs: this.latestWallMs, logical: this.latestLogical });
    const keeper = new CheckpointKeeper({ ...parts, writer, latest }, checkpoint, lastCheckpoint);
    this.log = { logId, segments, writer, keeper };
    writer.start((error) => {
      this.phase = error === undefined ? 'open' : 'closed';
      if (error === undefined) done(undefined, report);
      else (done as (error: EventLogError) => void)(ioError(error));
    });
  }
}
