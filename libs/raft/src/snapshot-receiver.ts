import { concatBytes, crc32 } from '#libs/kernel';
import { RAFT_BOUNDS } from './bounds.js';
import type { Snapshot } from './log-storage.js';
import type { SnapshotChunk, SnapshotHead } from './messages.js';

/**
 * Puts a snapshot together from its chunks. Memory grows as bytes come in, up to the bound. A chunk of another snapshot
 * drops what was gathered; one of the same (index, term, length, checksum) goes on where the last leader stopped.
 */
export class SnapshotReceiver {
  private head: SnapshotHead | undefined;
  private parts: Uint8Array[] = [];
  private received = 0;

  /** What is wanted next of the snapshot under way. */
  get nextOffset(): number {
    return this.received;
  }

  clear(): void {
    this.head = undefined;
    this.parts = [];
    this.received = 0;
  }

  /** The snapshot once it is whole, `damaged` where it is and its checksum differs, `refused` where it is too large. */
  add({ head, offset, data }: SnapshotChunk): Snapshot | 'incomplete' | 'damaged' | 'refused' {
    if (head.totalBytes > RAFT_BOUNDS.maxSnapshotBytes || offset + data.length > head.totalBytes) return 'refused';
    if (this.head === undefined || !isSame(this.head, head)) {
      this.clear();
      this.head = head;
    }
    if (offset !== this.received) return 'incomplete';
    this.parts.push(data);
    this.received += data.length;
    return this.received < head.totalBytes ? 'incomplete' : this.finish(head);
  }

  private finish({ index, term, configuration, checksum }: SnapshotHead): Snapshot | 'damaged' {
    const data = concatBytes(this.parts);
    this.clear();
    return crc32(data) === checksum ? { index, term, configuration, data } : 'damaged';
  }
}

function isSame(a: SnapshotHead, b: SnapshotHead): boolean {
  return a.index === b.index && a.term === b.term && a.totalBytes === b.totalBytes && a.checksum === b.checksum;
}
