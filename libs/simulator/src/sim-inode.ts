/** What a loss of power does to a file of the simulated disk. */
import type { DiskError } from '#libs/ports';
import type { SimRng } from './sim-rng.js';

const MIN_CAPACITY_BYTES = 64;
const SECTOR_BYTES = 512;

interface SyncUnderWay {
  readonly coveredBytes: number;
  /** What it covers, where the file was cut meanwhile. */
  content: Uint8Array | undefined;
}

/** What a file holds. Its durable content is a prefix of it, or a copy of its own once that prefix was cut. */
export class SimInode {
  length = 0;
  syncError: DiskError | undefined;
  /** Of the durable content, behind which a later sync has made more durable. */
  followedLength = 0;
  private buffer = new Uint8Array(MIN_CAPACITY_BYTES);
  /** Of the content at the last sync that succeeded; negative while even the name is not durable. */
  private syncedLength = -1;
  private syncedCopy: Uint8Array | undefined;
  private readonly syncs = new Set<SyncUnderWay>();
  /** What a sync that failed has dropped: it reads well, and no later sync writes it. */
  private dropped: { readonly from: number; readonly to: number } | undefined;

  get isSynced(): boolean {
    return this.syncedLength >= 0;
  }

  /** What a loss of power leaves at least. */
  get synced(): Uint8Array {
    return this.syncedCopy ?? this.buffer.subarray(0, this.syncedLength);
  }

  append(more: Uint8Array): void {
    const length = this.length + more.length;
    this.reserve(length);
    this.buffer.set(more, this.length);
    this.length = length;
  }

  read(from: number, to: number): Uint8Array {
    return this.buffer.slice(Math.min(from, this.length), Math.min(to, this.length));
  }

  truncate(length: number): void {
    if (length < this.syncedLength) this.syncedCopy ??= this.synced.slice();
    for (const sync of this.syncs) {
      if (length < sync.coveredBytes) sync.content ??= this.buffer.slice(0, sync.coveredBytes);
    }
    this.reserve(length);
    if (length > this.length) this.buffer.fill(0, this.length, length);
    this.length = length;
    this.followedLength = 0;
  }

  /** What the file holds now will be durable when the sync has ended well, whatever comes meanwhile. */
  beginSync(): SyncUnderWay {
    const sync: SyncUnderWay = { coveredBytes: this.length, content: undefined };
    this.syncs.add(sync);
    return sync;
  }

  sync(sync = this.beginSync()): void {
    this.syncs.delete(sync);
    if (this.syncError !== undefined) return;
    const before = this.syncedCopy === undefined ? this.syncedLength : 0;
    if (sync.coveredBytes > before) this.followedLength = Math.max(before, 0);
    this.syncedLength = Math.max(before, sync.coveredBytes);
    this.syncedCopy = sync.content;
  }

  failSync(sync: SyncUnderWay, error: DiskError): void {
    this.syncs.delete(sync);
    this.syncError ??= error;
  }

  ignoreSync(sync: SyncUnderWay): void {
    this.syncs.delete(sync);
  }

  /** The process is gone, and what it had under way. */
  dropSyncs(): void {
    this.syncs.clear();
  }

  /** The process that was told of it is gone. */
  forgetSyncError(): void {
    if (this.syncError === undefined) return;
    this.syncError = undefined;
    const from = Math.min(this.dropped?.from ?? Infinity, Math.max(this.syncedLength, 0));
    this.dropped = { from, to: this.length };
  }

  /** Back to what was synced, and an arbitrary part of what came after, whose last byte may be wrong, or a sector of it empty. */
  tear(rng: SimRng, leavesHoles: boolean): void {
    const durable = this.synced;
    const unsynced = Math.max(0, this.length - durable.length);
    const kept = unsynced === 0 ? 0 : rng.below(unsynced + 1);
    this.buffer.set(durable);
    if (this.dropped !== undefined) this.buffer.fill(0, this.dropped.from, this.dropped.to);
    this.dropped = undefined;
    this.length = durable.length + kept;
    if (kept > 0 && rng.chance(0.5)) this.buffer[this.length - 1] ^= 0xff;
    if (kept > 0 && leavesHoles && rng.chance(0.5)) this.punch(durable.length, rng.below(kept));
    this.syncedLength = this.length;
    this.syncedCopy = undefined;
    this.syncError = undefined;
  }

  /** Empties what is not durable of the sector that holds the byte `at` behind the durable ones. */
  private punch(durableLength: number, at: number): void {
    const sector = (durableLength + at) & -SECTOR_BYTES;
    this.buffer.fill(0, Math.max(durableLength, sector), Math.min(this.length, sector + SECTOR_BYTES));
  }

  /** A bit rots. */
  flip(offset: number): void {
    this.buffer[offset] ^= 0x10;
  }

  private reserve(length: number): void {
    if (length <= this.buffer.length) return;
    const grown = new Uint8Array(Math.max(length, 2 * this.buffer.length));
    grown.set(this.buffer.subarray(0, this.length));
    this.buffer = grown;
  }
}
