import type { DiskFile } from '#libs/ports';
import { segmentSeed, type SegmentHead } from './segment-format.js';

/** A segment that is being written, or whose end is still to be synced. */
export class OpenSegment {
  /** Written whole, its header included; 0 while even that is to come. */
  bytes = 0;
  syncedBytes = 0;
  readonly seed: number;

  constructor(
    readonly head: SegmentHead,
    readonly file: DiskFile,
  ) {
    this.seed = segmentSeed(head);
  }

  get number(): number {
    return this.head.number;
  }

  /** Nobody hears of the outcome: what the file holds counts by what was written and synced before. */
  close(): void {
    this.file.close(() => undefined);
  }
}
