/**
 * Which checkpoint counts: when the next one is due, what becomes of one that is complete, and what may go then. The order is
 * what recovery rests on: the checkpoint is durable, then the manifest names it, then older checkpoints and segments are removed.
 */
import type { Disk, DiskError } from '#libs/ports';
import { CheckpointWriter, type CheckpointCallback, type CheckpointHooks } from './checkpoint-writer.js';
import { EventLogError } from './event-log-error.js';
import type { FileNames } from './file-names.js';
import type { LogListener } from './log-listener.js';
import type { LogTime } from './log-position.js';
import type { LogStatistics } from './log-statistics.js';
import type { LogWriter } from './log-writer.js';
import { encodeManifest } from './manifest-format.js';
import type { LogSettings } from './options.js';
import { RetryClock } from './retry-clock.js';
import type { SegmentTable } from './segment-table.js';

/** The checkpoint that counts. */
export interface CheckpointInfo {
  /** 0 where there is none. */
  readonly number: number;
  /** With which replaying begins. */
  readonly firstSegment: number;
  readonly bytes: number;
}

export interface CheckpointKeeperParts {
  readonly disk: Disk;
  readonly names: FileNames;
  readonly settings: LogSettings;
  readonly logId: number;
  readonly segments: SegmentTable;
  readonly writer: LogWriter;
  readonly statistics: LogStatistics;
  readonly listener: LogListener;
  readonly latest: () => LogTime;
}

export class CheckpointKeeper {
  private underWay: CheckpointWriter | undefined;
  /** Bytes of the log behind the last checkpoint's begin, less what was written since this was opened. */
  private behindBytes: number;
  private readonly retry = new RetryClock();
  private nowMs = 0;
  private onCounted: (() => void) | undefined;
  private isTrimming = false;
  /** Complete, and perhaps named by a manifest whose write failed: they stay until the next one counts. */
  private readonly unnamed: number[] = [];

  constructor(
    private readonly parts: CheckpointKeeperParts,
    private current: CheckpointInfo,
    /** The highest number that any file has. */
    private lastNumber: number,
  ) {
    this.behindBytes = parts.segments.totalBytes;
  }

  get nextNumber(): number {
    return this.lastNumber + 1;
  }

  get checkpoint(): CheckpointInfo {
    return this.current;
  }

  /** One that shows what the log has lost meanwhile would be of no use. */
  tick(nowMs: number): void {
    this.nowMs = nowMs;
    const { underWay } = this;
    if (underWay === undefined || underWay.isLogSynced) return;
    if (this.parts.writer.hasLostSince(this.lastNumber)) underWay.abort(this.lossMeanwhile());
  }

  /** Whether one should be begun now: much was logged since the last, or the log is not whole without one. */
  get isDue(): boolean {
    const { writer, settings } = this.parts;
    const isPossible = this.underWay === undefined && writer.activeSegment !== undefined;
    if (!isPossible || !this.retry.isDue(this.nowMs)) return false;
    if (writer.isRefusing) return true;
    const { checkpointMinLogBytes, checkpointFactor } = settings;
    return this.logBytes > Math.max(checkpointMinLogBytes, checkpointFactor * this.current.bytes);
  }

  /** Of the log behind the last checkpoint's begin. */
  get logBytes(): number {
    return this.behindBytes + this.parts.statistics.writtenBytes;
  }

  /** Undefined where one is under way, or where no segment can be written at the moment. */
  begin(onRoom: () => void, done: CheckpointCallback): CheckpointWriter | undefined {
    const { disk, names, logId, writer, statistics, latest } = this.parts;
    const firstSegment = writer.activeSegment;
    if (this.underWay !== undefined || firstSegment === undefined) return undefined;
    const number = ++this.lastNumber;
    const behindBytes = -statistics.writtenBytes;
    const hooks: CheckpointHooks = {
      onRoom,
      whenLogSynced: (answer) =>
        writer.whenSynced((error) => {
          const loss = writer.hasLostSince(number) ? this.lossMeanwhile() : undefined;
          answer(error ?? loss, writer.syncedTo, latest());
        }),
      onEnd: (error) => {
        if (error === undefined) this.count({ number, firstSegment, bytes: checkpoint.bytes }, behindBytes, done);
        else this.giveUp(number, error, done);
      },
    };
    const checkpoint = new CheckpointWriter(disk, names.checkpoint(number), { number, logId, firstSegment }, hooks);
    this.underWay = checkpoint;
    return checkpoint;
  }

  /** Gives up what is under way: the log is being closed. */
  abort(error: EventLogError): void {
    this.underWay?.abort(error);
  }

  /** Notes that the log was closed in order, all of it durable. */
  noteClosed(done: (error: DiskError | undefined) => void): void {
    if (this.underWay === undefined) return this.writeManifest(this.current, true, done);
    // It is complete, and the manifest is being written that names it.
    this.onCounted = () => this.noteClosed(done);
  }

  /** Removes segments that neither a replay nor a reader needs, one after the other. */
  trim(): void {
    if (this.isTrimming) return;
    const { disk, names, segments, listener } = this.parts;
    const number = segments.takeRemovable(this.current.firstSegment);
    if (number === undefined) return;
    this.isTrimming = true;
    disk.remove(names.segment(number), (error) => {
      this.isTrimming = false;
      if (error !== undefined) listener.onRemovalFailed(error);
      this.trim();
    });
  }

  private writeManifest(
    { number: checkpoint, firstSegment }: CheckpointInfo,
    isClosed: boolean,
    done: (error: DiskError | undefined) => void,
  ): void {
    const { disk, names, logId, writer } = this.parts;
    const manifest = encodeManifest({ logId, checkpoint, firstSegment, durable: writer.durable, isClosed });
    disk.writeFileAtomic(names.manifest, manifest, done);
  }

  private count(info: CheckpointInfo, behindBytes: number, done: CheckpointCallback): void {
    this.writeManifest(info, false, (error) => {
      if (error !== undefined) {
        this.unnamed.push(info.number);
        return this.failed(error, done);
      }
      const { number: old } = this.current;
      this.underWay = undefined;
      this.current = info;
      this.behindBytes = behindBytes;
      this.retry.succeeded();
      this.parts.statistics.checkpoints++;
      this.parts.writer.checkpointed(info.number);
      for (const number of [old, ...this.unnamed.splice(0)]) if (number > 0) this.removeCheckpoint(number);
      this.trim();
      done(undefined);
      this.onCounted?.();
    });
  }

  private giveUp(number: number, error: DiskError | EventLogError, done: CheckpointCallback): void {
    this.removeCheckpoint(number);
    this.failed(error, done);
  }

  private lossMeanwhile(): EventLogError {
    return new EventLogError('incomplete', this.parts.names.logFolder, 0, 'the log has lost something meanwhile');
  }

  private failed(error: DiskError | EventLogError, done: CheckpointCallback): void {
    this.underWay = undefined;
    this.retry.failed(this.nowMs);
    this.parts.statistics.failedCheckpoints++;
    done(error);
    this.onCounted?.();
  }

  private removeCheckpoint(number: number): void {
    const { disk, names, listener } = this.parts;
    disk.remove(names.checkpoint(number), (error) => {
      if (error !== undefined) listener.onRemovalFailed(error);
    });
  }
}
