import { crc32 } from '#libs/kernel';
import type { Snapshot } from './log-storage.js';
import type { SnapshotHead } from './messages.js';

/** A snapshot on its way to one peer: chunk by chunk, each after the one before was taken. */
export class SnapshotTransfer {
  readonly head: SnapshotHead;
  /** Where the peer wants to go on. */
  offset = 0;
  /** The chunk at `offset` is on its way. */
  isSent = false;
  /** Leader's tick of the last step forward. */
  progressTick: number;

  constructor(
    private readonly snapshot: Snapshot,
    tick: number,
  ) {
    const { index, term, configuration, data } = snapshot;
    this.head = { index, term, configuration, totalBytes: data.length, checksum: crc32(data) };
    this.progressTick = tick;
  }

  chunk(maxBytes: number): Uint8Array {
    return this.snapshot.data.subarray(this.offset, this.offset + maxBytes);
  }

  /** False where the answer speaks of another snapshot, or of a place that it does not have. */
  onReply(index: number, checksum: number, nextOffset: number, tick: number): boolean {
    const { head } = this;
    if (index !== head.index || checksum !== head.checksum || nextOffset > head.totalBytes) return false;
    if (nextOffset === this.offset && this.isSent) return false;
    if (nextOffset > this.offset) this.progressTick = tick;
    this.offset = nextOffset;
    this.isSent = false;
    return true;
  }
}
