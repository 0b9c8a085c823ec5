/**
 * One round of probes of a suspected member, as in SWIM (Das, Gupta, Motivala, 2002): the prober pings it, and asks a
 * few peers to do the same, since the silence may lie on the way between the two alone. SWIM asks peers after its own
 * ping failed; here the missing heartbeats are that failure, so all are asked at once.
 */

/** `alive`: somebody has heard it. `silent`: most of the peers asked have tried in vain. `unknown`: too few answered. */
export type ProbeOutcome = 'alive' | 'silent' | 'unknown';

export class ProbeRound {
  private directEnded = false;
  private isAlive = false;
  private readonly unheardBy = new Set<string>();

  constructor(
    readonly target: string,
    /** The target's process; an answer of another one is none. */
    readonly incarnation: number,
    readonly peers: readonly string[],
    readonly deadlineMs: number,
  ) {}

  /** The prober's own ping has ended. */
  pinged(heard: boolean): void {
    this.directEnded = true;
    this.isAlive ||= heard;
  }

  /** A peer has answered; answers of others, and second ones, change nothing. */
  answered(peer: string, heard: boolean): void {
    if (!this.peers.includes(peer)) return;
    if (heard) this.isAlive = true;
    else this.unheardBy.add(peer);
  }

  /** Undefined while the round goes on. One that heard the target is enough; silence takes more than half of the peers. */
  outcome(nowMs: number): ProbeOutcome | undefined {
    if (this.isAlive) return 'alive';
    const isComplete = this.directEnded && this.unheardBy.size === this.peers.length;
    if (!isComplete && nowMs < this.deadlineMs) return undefined;
    return this.unheardBy.size * 2 > this.peers.length ? 'silent' : 'unknown';
  }
}
