/**
 * Puts a log's folder in order once it was read: what does not count goes, what counts is made durable, the manifest says so, and
 * only then what is no longer needed is removed.
 */
import { inTurn, type Disk, type DiskCallback, type DiskError, type DiskStep } from '#libs/ports';
import type { CheckpointInfo } from './checkpoint-keeper.js';
import type { EventLogError } from './event-log-error.js';
import { damagedName, type FileNames } from './file-names.js';
import type { FoundCheckpoint, FoundLog } from './log-folder.js';
import { isBefore, type LogPosition, type LogTime } from './log-position.js';
import { encodeManifest } from './manifest-format.js';
import type { ReplayEnd } from './recovery-judgement.js';
import type { RecoveryReport } from './recovery-visitor.js';
import type { SegmentTable } from './segment-table.js';
import { settle, type SettlingPlan } from './settling.js';

/** What was read, and how far it counts. */
export interface ReadLog {
  readonly found: FoundLog;
  readonly logId: number;
  readonly isBlank: boolean;
  /** The segments that count. */
  readonly table: SegmentTable;
  readonly checkpoint: FoundCheckpoint | undefined;
  readonly end: ReplayEnd;
  /** The file in which reading ended. */
  readonly path: string;
  readonly batches: number;
  readonly latest: LogTime;
  /** Up to here the log is known to be durable. */
  readonly durable: LogPosition;
  readonly passedOver: readonly EventLogError[];
  /** Checkpoints that were tried and did not serve. */
  readonly unusable: readonly number[];
}

export interface RecoveredLog {
  readonly report: RecoveryReport;
  readonly logId: number;
  readonly table: SegmentTable;
  readonly checkpoint: CheckpointInfo;
  /** The highest number that a checkpoint ever had. */
  readonly lastCheckpoint: number;
}

export function putInOrder(disk: Disk, names: FileNames, read: ReadLog, done: DiskCallback<RecoveredLog>): void {
  const { logId, table, checkpoint, found } = read;
  const plan = planOf(read, names);
  const info = {
    number: checkpoint?.number ?? 0,
    firstSegment: table.first,
    bytes: checkpoint?.fileBytes ?? 0,
  };
  const manifest = {
    logId,
    checkpoint: info.number,
    firstSegment: info.firstSegment,
    durable: table.end,
    isClosed: false,
  };
  const steps: DiskStep[] = [
    (next) => settle(disk, plan, next),
    (next) => ensureSegment(disk, names.segment(info.firstSegment), read, plan, next),
    (next) => disk.writeFileAtomic(names.manifest, encodeManifest(manifest), next),
    ...tidying(disk, names, read),
  ];
  inTurn(steps, (error: DiskError | undefined) => {
    if (error !== undefined) return (done as (error: DiskError) => void)(error);
    const report = reportOf(read, plan);
    done(undefined, { report, logId, table, checkpoint: info, lastCheckpoint: found.lastCheckpoint });
  });
}

function isDamage({ kind }: ReplayEnd): boolean {
  return kind === 'damaged' || kind === 'missing';
}

/** The segment behind the end keeps its name, since a checkpoint may count on it: the writer replaces it by a new one. */
function planOf({ found, table, checkpoint, end, durable }: ReadLog, names: FileNames): SettlingPlan {
  const behind = end.kind === 'whole' ? [] : found.segments.filter(({ number }) => number > end.at.segment);
  const left = behind
    .filter(({ fileBytes }) => fileBytes > 0)
    .map(({ number }) => names.segment(number))
    .reverse();
  const stopped = found.segments.find(({ number }) => number === end.at.segment);
  const copyAside =
    stopped !== undefined && isDamage(end) && stopped.fileBytes > end.at.bytes
      ? [{ path: names.segment(stopped.number), offset: end.at.bytes, end: stopped.fileBytes }]
      : [];
  const bytesOf = (number: number): number =>
    found.segments.find((segment) => segment.number === number)?.fileBytes ?? 0;
  const rewrite: { path: string; bytes: number }[] = [];
  // Complete it is, but only the manifest would prove that it was synced.
  const isNamed = typeof found.manifest === 'object' && found.manifest.checkpoint === checkpoint?.number;
  if (checkpoint !== undefined && !isNamed) {
    rewrite.push({ path: names.checkpoint(checkpoint.number), bytes: checkpoint.fileBytes });
  }
  for (let number = table.first; number <= table.lastNumber; number++) {
    const bytes = table.find(number)?.bytes ?? 0;
    const isInDoubt = isBefore(durable, { segment: number, bytes });
    // Nothing will say any more how far the last one counts.
    const isTooLong = number === table.lastNumber && bytesOf(number) > bytes;
    if (isInDoubt || isTooLong) rewrite.push({ path: names.segment(number), bytes });
  }
  const remove = isDamage(end) ? found.settling : [...found.settling, ...left];
  return { remove, copyAside, renameAside: isDamage(end) ? left : [], rewrite };
}

/** The manifest names a segment only where there is one: a name that is missing later is then known to be lost. */
function ensureSegment(
  disk: Disk,
  path: string,
  { found, table }: ReadLog,
  plan: SettlingPlan,
  next: DiskCallback,
): void {
  const isThere = found.segments.some(({ number }) => number === table.first) && !plan.renameAside.includes(path);
  if (isThere && !plan.remove.includes(path)) next(undefined);
  else disk.writeFileAtomic(path, new Uint8Array(0), next);
}

/** What the manifest named, or might have named, and did not serve is set aside. All that is not needed goes. */
function tidying(disk: Disk, names: FileNames, { found, checkpoint, table, unusable }: ReadLog): readonly DiskStep[] {
  const { manifest, complete, incomplete, segments } = found;
  const mayBeNamed = (number: number): boolean => typeof manifest !== 'object' || manifest.checkpoint === number;
  const aside = [...unusable, ...incomplete.map(({ number }) => number).filter(mayBeNamed)];
  const others = [...complete, ...incomplete].map(({ number }) => number);
  const old = others.filter((number) => number !== checkpoint?.number && !aside.includes(number));
  const removals = [
    ...old.map((number) => names.checkpoint(number)),
    ...segments.filter(({ number }) => number < table.first).map(({ number }) => names.segment(number)),
  ];
  const asidePaths = aside.map((number) => names.checkpoint(number));
  return [
    ...asidePaths.map(
      (path): DiskStep =>
        (next) =>
          disk.rename(path, damagedName(path), next),
    ),
    ...removals.map(
      (path): DiskStep =>
        (next) =>
          disk.remove(path, next),
    ),
  ];
}

function reportOf(read: ReadLog, plan: SettlingPlan): RecoveryReport {
  const { found, logId, isBlank, table, checkpoint, end, path, batches, latest, passedOver } = read;
  const { manifest } = found;
  const cut = { path, offset: end.at.bytes, problem: end.problem };
  const aside = [...plan.copyAside.map((copy) => copy.path), ...plan.renameAside].map(damagedName);
  const wasClosed = typeof manifest === 'object' && manifest.isClosed && end.kind === 'whole';
  return {
    isNew: isBlank,
    logId,
    checkpoint: checkpoint?.number ?? 0,
    checkpointBytes: checkpoint?.fileBytes ?? 0,
    logBytes: table.totalBytes,
    batches,
    end: table.end,
    latest,
    endedCleanly: isBlank || (wasClosed && !isBefore(manifest.durable, table.end)),
    manifest: typeof manifest === 'object' ? 'read' : manifest,
    passedOver: passedOver.map(({ message }) => message),
    cut: end.kind === 'cut' ? cut : undefined,
    lost: isDamage(end) ? { ...cut, setAside: aside } : undefined,
  };
}
