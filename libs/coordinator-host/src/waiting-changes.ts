/**
 * Requests for changes that come while this coordinator does not lead. Usually another one leads and answers; where
 * nobody does for a while, whoever asks is told that there is no quorum.
 */
import { NO_QUORUM_AFTER_MS, type ChangeReply, type ChangeRequest } from '#libs/cluster';
import type { TimerHandle, Timers } from '#libs/ports';
import { COORDINATOR_BOUNDS } from './bounds.js';

interface WaitingChange {
  readonly request: ChangeRequest;
  readonly onDone: (reply: ChangeReply) => void;
  readonly timer: TimerHandle;
}

export class WaitingChanges {
  private readonly waiting = new Set<WaitingChange>();

  constructor(
    private readonly timers: Timers,
    /** No leader is known here, and this coordinator has a say in who it is. */
    private readonly isLeaderless: () => boolean,
  ) {}

  add(request: ChangeRequest, onDone: (reply: ChangeReply) => void): void {
    if (!this.isLeaderless() || this.waiting.size >= COORDINATOR_BOUNDS.maxWaitingChanges) return;
    const change: WaitingChange = {
      request,
      onDone,
      timer: this.timers.after(NO_QUORUM_AFTER_MS, () => {
        this.waiting.delete(change);
        if (this.isLeaderless()) onDone({ accepted: false, code: 'no-quorum', reason: 'no quorum of coordinators' });
      }),
    };
    this.waiting.add(change);
  }

  /** This coordinator leads now: what waits is carried out. */
  release(carryOut: (request: ChangeRequest, onDone: (reply: ChangeReply) => void) => void): void {
    const changes = [...this.waiting];
    this.clear();
    for (const { request, onDone } of changes) carryOut(request, onDone);
  }

  clear(): void {
    for (const { timer } of this.waiting) timer.cancel();
    this.waiting.clear();
  }
}
