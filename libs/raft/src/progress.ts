/**
 * What a leader knows of one peer, and how it sends to it. `probe`: where the logs meet is not known, one append at a time;
 * `replicate`: appends follow each other without waiting, within a window; `snapshot`: the log no longer reaches back so
 * far, a snapshot is on its way.
 */
import type { NodeId } from './configuration.js';
import { InflightWindow } from './inflight-window.js';
import type { SnapshotTransfer } from './snapshot-transfer.js';

export type ProgressState = 'probe' | 'replicate' | 'snapshot';

export class Progress {
  state: ProgressState = 'probe';
  /** The peer has the log up to here, durably. */
  match = 0;
  /** The next entry to send. */
  next: number;
  /** In `probe`: an append is unanswered. */
  isProbing = false;
  /** Heard of since the leader last counted its quorum; a new peer has the benefit of the doubt. */
  isActive = true;
  /** The newest commit index that the peer has been told. */
  sentCommit = 0;
  /** The newest round of heartbeats, and the newest leader's tick, that the peer has answered. */
  ackedRound = 0;
  ackedTick = Number.NEGATIVE_INFINITY;
  transfer: SnapshotTransfer | undefined;
  readonly inflight: InflightWindow;

  constructor(
    readonly id: NodeId,
    next: number,
    maxInflightMessages: number,
    maxInflightBytes: number,
  ) {
    this.next = next;
    this.inflight = new InflightWindow(maxInflightMessages, maxInflightBytes);
  }

  get isPaused(): boolean {
    if (this.state === 'probe') return this.isProbing;
    return this.state === 'snapshot' || this.inflight.isFull;
  }

  becomeProbe(): void {
    this.enter('probe');
    this.next = this.match + 1;
  }

  becomeReplicate(): void {
    this.enter('replicate');
    this.next = this.match + 1;
  }

  becomeSnapshot(transfer: SnapshotTransfer): void {
    this.enter('snapshot');
    this.transfer = transfer;
  }

  /** An append up to `lastIndex` is on its way. */
  onSent(lastIndex: number, bytes: number): void {
    if (this.state === 'probe') this.isProbing = true;
    else if (lastIndex >= this.next) {
      this.inflight.add(lastIndex, bytes);
      this.next = lastIndex + 1;
    }
  }

  /** False where that was known already. */
  onMatch(index: number): boolean {
    this.inflight.releaseTo(index);
    this.isProbing = false;
    if (index <= this.match) return false;
    this.match = index;
    this.next = Math.max(this.next, index + 1);
    return true;
  }

  /** The peer has no such entry at `rejected`; `hint` is the last one that both could have. False where that is old. */
  onReject(rejected: number, hint: number): boolean {
    if (rejected <= this.match) return false;
    if (this.state === 'replicate') {
      if (rejected >= this.next) return false;
      this.enter('probe');
    } else if (this.state === 'probe' && rejected !== this.next - 1) return false;
    else if (this.state === 'snapshot') return false;
    this.next = Math.max(this.match, Math.min(hint, rejected - 1)) + 1;
    this.isProbing = false;
    return true;
  }

  private enter(state: ProgressState): void {
    this.state = state;
    this.isProbing = false;
    this.transfer = undefined;
    this.inflight.clear();
  }
}
