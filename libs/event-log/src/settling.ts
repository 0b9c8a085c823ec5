/**
 * Makes of a folder in which reading ended somewhere one that reads to its end, and all of it durable. What a process wrote and
 * did not sync reads well after it, and would be lost with the next loss of power; after an fsync that failed, a later one may
 * say that all is well and still have lost it. So what is not known to be durable is written anew as a file of its own.
 *
 * Each step leaves a folder that recovery takes to the same end: what counts for nothing goes newest first, copies come before
 * names change, and a segment is exchanged for its rewritten self at once.
 */
import { inTurn, type Disk, type DiskCallback, type DiskError, type DiskFile, type DiskStep } from '#libs/ports';
import { EVENT_LOG_BOUNDS } from './bounds.js';
import { damagedName, settlingName } from './file-names.js';
import { readInSteps } from './file-steps.js';
import { withFile } from './opened-file.js';

export interface SettlingPlan {
  /** Files that count for nothing, in this order. */
  readonly remove: readonly string[];
  /** Files of which the part from `offset` on is kept aside. */
  readonly copyAside: readonly { readonly path: string; readonly offset: number; readonly end: number }[];
  /** Files that are set aside as a whole, in this order. */
  readonly renameAside: readonly string[];
  /** Segments of which the first `bytes` are written anew. */
  readonly rewrite: readonly { readonly path: string; readonly bytes: number }[];
}

export function settle(disk: Disk, plan: SettlingPlan, done: (error: DiskError | undefined) => void): void {
  const { remove, copyAside, renameAside, rewrite } = plan;
  const steps: DiskStep[] = [
    ...remove.map(
      (path): DiskStep =>
        (next) =>
          disk.remove(path, next),
    ),
    ...copyAside.map(
      ({ path, offset, end }): DiskStep =>
        (next) =>
          copyRange(disk, path, offset, end, damagedName(path), next),
    ),
    ...renameAside.map(
      (path): DiskStep =>
        (next) =>
          disk.rename(path, damagedName(path), next),
    ),
    ...rewrite.flatMap(({ path, bytes }): DiskStep[] => [
      (next) => copyRange(disk, path, 0, bytes, settlingName(path), next),
      (next) => disk.rename(settlingName(path), path, next),
    ]),
  ];
  inTurn(steps, done);
}

/** A durable file of its own; what was in its place is no more. */
function copyRange(disk: Disk, from: string, offset: number, end: number, to: string, done: DiskCallback): void {
  const copyInto = (target: DiskFile, finish: DiskCallback): void => {
    let failure: DiskError | undefined;
    const note = (error: DiskError | undefined): void => void (failure ??= error);
    const take = (piece: Uint8Array): boolean => {
      target.append(piece, note);
      return failure === undefined;
    };
    const read = (source: DiskFile, ended: DiskCallback): void =>
      readInSteps(source, offset, end, EVENT_LOG_BOUNDS.recoveryReadBytes, take, ended);
    withFile<void>(disk, from, read, (error) => {
      note(error);
      target.sync((syncError) => finish(failure ?? syncError));
    });
  };
  const steps: DiskStep[] = [
    (next) => disk.writeFileAtomic(to, new Uint8Array(0), next),
    (next) => withFile<void>(disk, to, copyInto, next),
  ];
  inTurn(steps, done);
}
