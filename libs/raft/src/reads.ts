/**
 * Linearizable reads without a log entry (thesis §6.4): the leader notes its commit index, makes sure that it still
 * leads, and the read is answered from the state machine once that has applied so much.
 */
import { RAFT_BOUNDS } from './bounds.js';
import type { Core } from './core.js';
import type { Replicator } from './replicator.js';

export interface ReadState {
  /** The caller's own number for the read. */
  readonly context: number;
  /** The state machine must have applied this entry before the read is answered. */
  readonly index: number;
}

interface PendingRead {
  readonly context: number;
  readonly round: number;
  readonly index: number;
}

export class Reads {
  private readonly pending: PendingRead[] = [];
  /** Asked for before the first entry of this leader's term was committed: what is committed is not known yet (§6.4). */
  private early: number[] = [];
  /** A round whose heartbeats have not left yet; reads that come in meanwhile share it. */
  private openRound = -1;
  private hasCommitted = false;
  /** TimeoutNow was sent: whoever got it may be elected against all promises, however late (§6.4.1). */
  private isLeaseVoid = false;

  constructor(
    private readonly core: Core,
    private readonly replicator: Replicator,
    private readonly ready: ReadState[],
  ) {}

  get count(): number {
    return this.pending.length + this.early.length;
  }

  get hasRoom(): boolean {
    return this.count < RAFT_BOUNDS.maxPendingReads;
  }

  /** `byLease` answers at once while a quorum's promises hold, which trusts the clocks; else it takes a round. */
  request(context: number, byLease: boolean): void {
    if (!this.hasCommitted) {
      this.early.push(context);
      return;
    }
    if (byLease && this.isLeaseAlive) this.ready.push({ context, index: this.core.log.commit });
    else this.enqueue(context);
  }

  get isLeaseAlive(): boolean {
    if (!this.hasCommitted || this.isLeaseVoid) return false;
    const { tick } = this.replicator;
    const { leaseTicks } = this.core.settings;
    return this.replicator.quorumOf((peer) => this.core.rules.isPromiseAlive(peer.ackedTick, leaseTicks, tick));
  }

  voidLease(): void {
    this.isLeaseVoid = true;
  }

  /** The leader has committed an entry of its own term. */
  onFirstCommit(): void {
    if (this.hasCommitted) return;
    this.hasCommitted = true;
    for (const context of this.early.splice(0)) this.enqueue(context);
  }

  /** The messages made so far leave: later reads need a later round. */
  closeRound(): void {
    this.openRound = -1;
  }

  /** Answers the reads whose round a quorum has confirmed. */
  settle(): void {
    let confirmed = 0;
    while (confirmed < this.pending.length && this.isConfirmed(this.pending[confirmed].round)) confirmed++;
    for (const { context, index } of this.pending.splice(0, confirmed)) this.ready.push({ context, index });
  }

  /** What can no longer be answered: this node leads no more. */
  drain(): readonly number[] {
    return [...this.pending.splice(0).map(({ context }) => context), ...this.early.splice(0)];
  }

  private enqueue(context: number): void {
    if (this.openRound < 0) {
      this.replicator.heartbeat();
      this.openRound = this.replicator.round;
    }
    this.pending.push({ context, round: this.openRound, index: this.core.log.commit });
    this.settle();
  }

  private isConfirmed(round: number): boolean {
    return this.replicator.quorumOf((peer) => peer.ackedRound >= round);
  }
}
