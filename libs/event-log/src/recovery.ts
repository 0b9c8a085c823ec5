/**
 * Opens a log's folder: the newest checkpoint that reads, then the log behind it, then the folder is put in order. Nothing is
 * changed before all that counts was read and judged, and each change leaves a folder that another recovery, after a crash at
 * any point, takes to the same end.
 */
import type { Disk } from '#libs/ports';
import { CheckpointLoader } from './checkpoint-loader.js';
import { DurableScan } from './durable-scan.js';
import { EventLogError, ioError } from './event-log-error.js';
import type { FileNames } from './file-names.js';
import { putInOrder, type RecoveredLog } from './folder-order.js';
import { LogFolder, type FoundCheckpoint, type FoundLog } from './log-folder.js';
import { later, laterTime, LOG_START, type LogPosition, type LogTime } from './log-position.js';
import { LogReplay } from './log-replay.js';
import { judge, needsProof, segmentsFrom, type ReplayEnd } from './recovery-judgement.js';
import type { OnDamage, RecoveryVisitor } from './recovery-visitor.js';
import { SegmentTable } from './segment-table.js';

export type RecoveryCallback = (error: EventLogError | undefined, log: RecoveredLog) => void;

interface WhatWasRead {
  readonly batches: number;
  readonly latest: LogTime;
  readonly durable: LogPosition;
  /** The file in which reading ended. */
  readonly path: string;
}

/** What replaying begins with. */
type Base = FoundCheckpoint | 'nothing';

const NOTHING_READ = { batches: 0, latest: { wallMs: 0, logical: 0 }, durable: LOG_START };

export class Recovery {
  /** Why bases did not serve, and the checkpoints among them. */
  private readonly passedOver: EventLogError[] = [];
  private readonly unusable: number[] = [];
  private found!: FoundLog;
  private logId = 0;
  private doneBytes = 0;
  private totalBytes = 0;

  constructor(
    private readonly disk: Disk,
    private readonly names: FileNames,
    private readonly newLogId: number,
    private readonly visitor: RecoveryVisitor,
    private readonly onDamage: OnDamage,
    private readonly done: RecoveryCallback,
  ) {}

  run(): void {
    new LogFolder(this.disk, this.names).look((error, found) => {
      if (error !== undefined) return this.refuse(error);
      this.found = found;
      const { manifest, segments, complete } = found;
      const heads = [...complete, ...segments].flatMap(({ head }) => (typeof head === 'string' ? [] : head.logId));
      this.logId = (typeof manifest === 'object' ? manifest.logId : heads[0]) ?? this.newLogId;
      const foreign = this.foreignFile();
      if (foreign !== undefined) return this.refuse(foreign);
      this.tryNext(basesOf(found));
    });
  }

  private foreignFile(): EventLogError | undefined {
    const { names, logId, found } = this;
    const isForeign = ({ head }: { readonly head: { readonly logId: number } | string }): boolean =>
      typeof head !== 'string' && head.logId !== logId;
    const segment = found.segments.find(isForeign);
    const checkpoint = found.complete.find(isForeign);
    const path = segment ? names.segment(segment.number) : checkpoint && names.checkpoint(checkpoint.number);
    return path === undefined ? undefined : new EventLogError('foreign', path, 0, 'it belongs to another log');
  }

  /** The first base that serves; the list is not empty. */
  private tryNext([base, ...others]: readonly Base[]): void {
    if (base === undefined) return this.beginBehind();
    if (base === 'nothing') return this.tryNothing(others);
    const { number, head, fileBytes } = base;
    const { firstSegment } = head;
    if (!this.hasSegment(firstSegment)) {
      const path = this.names.segment(firstSegment);
      this.passedOver.push(new EventLogError('missing', path, 0, `checkpoint ${number} needs it`));
      this.unusable.push(number);
      return this.tryNext(others);
    }
    this.begin(firstSegment, fileBytes);
    const { disk, names, visitor } = this;
    new CheckpointLoader(disk, names.checkpoint(number), base, visitor, this.advance).load((error) => {
      if (error === undefined) return this.replay(firstSegment, base);
      if (error.code !== 'damaged') return this.refuse(error);
      this.passedOver.push(error);
      this.unusable.push(number);
      this.tryNext(others);
    });
  }

  private tryNothing(others: readonly Base[]): void {
    const first = this.firstWithoutCheckpoint;
    if (!this.isBlank && !this.hasSegment(first)) return this.tryNext(others);
    this.begin(first, 0);
    this.replay(first, undefined);
  }

  private get firstWithoutCheckpoint(): number {
    const { manifest } = this.found;
    return typeof manifest === 'object' && manifest.checkpoint === 0 ? manifest.firstSegment : 1;
  }

  /** Nothing serves: an end with an error, or a new beginning behind all that there is. */
  private beginBehind(): void {
    const first = this.firstWithoutCheckpoint;
    const problem = this.passedOver[0] ?? this.whatIsMissing(first);
    if (this.onDamage === 'refuse') return this.refuse(problem);
    const last = Math.max(first, this.found.segments.at(-1)?.number ?? 0);
    this.begin(last + 1, 0);
    const end: ReplayEnd = { kind: 'damaged', at: LOG_START, problem: problem.problem };
    this.order(new SegmentTable(last), undefined, end, { ...NOTHING_READ, path: problem.path });
  }

  private whatIsMissing(first: number): EventLogError {
    const { names, found } = this;
    const { manifest, incomplete, segments } = found;
    const number = typeof manifest === 'object' ? manifest.checkpoint : 0;
    const torn = incomplete.find((checkpoint) => checkpoint.number === number);
    if (torn !== undefined) return new EventLogError('damaged', names.checkpoint(number), 0, torn.problem);
    if (number > 0) return new EventLogError('missing', names.checkpoint(number), 0, 'the manifest names it');
    const oldest = segments[0]?.number;
    const what = oldest === undefined ? 'there are no segments' : `the oldest segment is number ${oldest}`;
    return new EventLogError('missing', names.segment(first), 0, `${what}, and no checkpoint has what was before`);
  }

  private hasSegment(number: number): boolean {
    return this.found.segments.some((segment) => segment.number === number);
  }

  /** Nothing was ever stored here. */
  private get isBlank(): boolean {
    const { manifest, segments, lastCheckpoint } = this.found;
    return manifest === 'missing' && lastCheckpoint === 0 && segments.every(({ fileBytes }) => fileBytes === 0);
  }

  private begin(first: number, checkpointBytes: number): void {
    this.doneBytes = 0;
    this.totalBytes = checkpointBytes;
    for (const { number, fileBytes } of this.found.segments) if (number >= first) this.totalBytes += fileBytes;
    this.visitor.onStart();
  }

  private readonly advance = (bytes: number): void => {
    this.doneBytes += bytes;
    this.visitor.onProgress(this.doneBytes, this.totalBytes);
  };

  private replay(first: number, checkpoint: FoundCheckpoint | undefined): void {
    const { disk, names, visitor, found } = this;
    const { manifest } = found;
    const segments = segmentsFrom(first, found.segments);
    const table = new SegmentTable(first - 1);
    const replay = new LogReplay(disk, names, visitor, table, checkpoint?.number ?? 0, this.advance);
    replay.run(segments, (error) => {
      if (error !== undefined) return this.refuse(error);
      const known = this.knownDurable();
      const { stop } = replay;
      const judged = (proof: LogPosition | undefined): void => {
        const end = table.lastBytes > 0 ? table.end : { segment: first, bytes: 0 };
        const isSuperseded = typeof manifest === 'object' && manifest.checkpoint > (checkpoint?.number ?? 0);
        this.judged(judge(stop, end, known, proof, isSuperseded), table, checkpoint, replay);
      };
      if (stop === undefined || !needsProof(stop, known)) return judged(undefined);
      const scan = new DurableScan(disk, names, this.logId, stop.at);
      const behind = segments.filter(({ number }) => number >= stop.at.segment);
      scan.run(behind, (scanError) => {
        if (scanError === undefined) judged(scan.found);
        else this.refuse(scanError);
      });
    });
  }

  /** What the manifest says and the checkpoint that it names, or any that may have been named. */
  private knownDurable(): LogPosition {
    const { manifest, complete } = this.found;
    const isRead = typeof manifest === 'object';
    const counting = isRead ? complete.filter(({ number }) => number === manifest.checkpoint) : complete;
    const known = isRead ? manifest.durable : LOG_START;
    return counting.reduce((furthest, { footer }) => later(furthest, footer.replayTo), known);
  }

  private judged(
    end: ReplayEnd,
    table: SegmentTable,
    checkpoint: FoundCheckpoint | undefined,
    { batches, latest, durable }: LogReplay,
  ): void {
    const path = this.names.segment(end.at.segment);
    const isDamage = end.kind === 'damaged' || end.kind === 'missing';
    if (isDamage && this.onDamage === 'refuse') {
      return this.refuse(
        new EventLogError(end.kind === 'missing' ? 'missing' : 'damaged', path, end.at.bytes, end.problem),
      );
    }
    const known = later(this.knownDurable(), durable);
    const upTo = laterTime(latest, checkpoint?.footer.latest ?? latest);
    this.order(table, checkpoint, end, { batches, latest: upTo, durable: known, path });
  }

  private order(
    table: SegmentTable,
    checkpoint: FoundCheckpoint | undefined,
    end: ReplayEnd,
    { batches, latest, durable, path }: WhatWasRead,
  ): void {
    const { disk, names, found, logId, passedOver, unusable, isBlank } = this;
    const read = {
      found,
      logId,
      isBlank,
      table,
      checkpoint,
      end,
      path,
      batches,
      latest,
      durable,
      passedOver,
      unusable,
    };
    putInOrder(disk, names, read, (error, state) => {
      if (error === undefined) this.done(undefined, state);
      else this.refuse(ioError(error));
    });
  }

  private refuse(error: EventLogError): void {
    (this.done as (error: EventLogError) => void)(error);
  }
}

/**
 * In the order in which they are tried. What the manifest names comes first: a newer checkpoint may be complete, and yet not be
 * durable. Where that does not serve, or is not known, newer ones come before older ones.
 */
function basesOf({ manifest, complete }: FoundLog): readonly Base[] {
  const newestFirst = complete.toReversed();
  if (typeof manifest !== 'object') return [...newestFirst, 'nothing'];
  if (manifest.checkpoint === 0) return ['nothing', ...newestFirst];
  const isNamed = ({ number }: FoundCheckpoint): boolean => number === manifest.checkpoint;
  return [...newestFirst.filter(isNamed), ...newestFirst.filter((found) => !isNamed(found)), 'nothing'];
}
