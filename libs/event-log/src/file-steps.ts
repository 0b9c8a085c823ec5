/**
 * Reads a range of a file piece by piece, one ahead: while a piece is worked on the next one is being read, and between two the
 * event loop has its turn, since each comes with an answer of the disk.
 */
import type { DiskError, DiskFile } from '#libs/ports';

/** Takes a piece; false ends the reading. */
export type TakePiece = (piece: Uint8Array) => boolean;

/** `done` comes once nothing is under way any more. A file that ends before `to` ends the reading too. */
export function readInSteps(
  file: DiskFile,
  from: number,
  to: number,
  stepBytes: number,
  take: TakePiece,
  done: (error: DiskError | undefined) => void,
): void {
  let underWay = 0;
  let isOver = false;
  let failure: DiskError | undefined;
  const read = (offset: number): void => {
    const length = Math.min(stepBytes, to - offset);
    underWay++;
    file.read(offset, length, (error, piece) => {
      underWay--;
      if (!isOver) advance(error, piece, offset, length);
      if (isOver && underWay === 0) done(failure);
    });
  };
  const advance = (error: DiskError | undefined, piece: Uint8Array, offset: number, length: number): void => {
    failure = error;
    const next = offset + length;
    const isLast = error !== undefined || piece.length < length || next >= to;
    if (!isLast) read(next);
    const wantsMore = error === undefined && take(piece);
    isOver = isLast || !wantsMore;
  };
  if (from >= to) done(undefined);
  else read(from);
}
