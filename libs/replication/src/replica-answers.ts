/**
 * What a replica's answers mean for each group: how far it has the primary's log, what it promises, what has to be caught up.
 *
 * - An acknowledgement counts for a group only from the frame on with which the replica was last told where to go on.
 * - What is refused in a frame is known before anything of that frame counts.
 */
import type { Position } from '#libs/ownership';
import { type Acknowledgement, type Refusal, REFUSAL_REASONS } from './acknowledgement.js';
import type { CatchUp } from './catch-up.js';
import type { GroupPositions } from './group-positions.js';
import { LINK_STATES, type LinkGroups } from './link-groups.js';
import type { LinkStream } from './link-stream.js';
import type { PrimaryHost, PrimaryOwnership } from './primary-side.js';

export class ReplicaAnswers {
  constructor(
    private readonly peer: string,
    private readonly stream: LinkStream,
    private readonly groups: LinkGroups,
    private readonly catchUp: CatchUp,
    private readonly positions: GroupPositions,
    private readonly host: PrimaryHost,
    private readonly ownership: PrimaryOwnership,
    private readonly retryMs: number,
  ) {}

  /** Whose frames have been sent in this life of the link. */
  take({ durable, refusals }: Acknowledgement, nowMs: number): void {
    const { window } = this.stream;
    let refusal = 0;
    while (refusal < refusals.length && refusals[refusal].frame < window.first) refusal++;
    while (window.first <= durable) {
      for (; refusal < refusals.length && refusals[refusal].frame === window.first; refusal++) {
        this.refused(refusals[refusal], nowMs);
      }
      this.acknowledgeOldest(nowMs);
    }
    this.stream.heard = window.first - 1;
  }

  private acknowledgeOldest(nowMs: number): void {
    const { groups, peer, ownership, host } = this;
    const { window } = this.stream;
    const sentAtMs = window.oldestSentAtMs;
    const { oldestLength } = window.groups;
    for (let i = 0; i < oldestLength; i++) {
      const group = window.groups.oldestGroup(i);
      if (groups.countsFrom[group] > window.first) continue;
      host.onAcknowledged(group, window.groups.oldestNumber(i));
      ownership.onAcknowledged(group, groups.epochs[group], peer, sentAtMs, nowMs);
    }
    window.shift();
  }

  private refused({ frame, group, reason, sealedEpoch, last }: Refusal, nowMs: number): void {
    const { groups } = this;
    const state = groups.states[group];
    if (state === LINK_STATES.none || state === LINK_STATES.sealed || frame < groups.begunAt[group]) return;
    this.catchUp.cancel(group);
    if (reason === REFUSAL_REASONS.sealed || last.epoch > groups.epochs[group]) {
      groups.setSealed(group);
      return this.ownership.onRefused(group, Math.max(sealedEpoch, last.epoch));
    }
    if (!this.believe(group, last)) return;
    if (reason === REFUSAL_REASONS.gap) groups.setBehind(group, last);
    else if (reason === REFUSAL_REASONS.incomplete) groups.setOutdated(group);
    else groups.setPaused(group, nowMs + this.retryMs);
  }

  /** What the replica has durably of the group; false where that is of no use. */
  private believe(group: number, last: Position): boolean {
    const { host, groups } = this;
    const isOfThisEpoch = last.epoch === groups.epochs[group];
    if (isOfThisEpoch && last.sequence <= this.positions.sequences[group]) host.onAcknowledged(group, last.sequence);
    else if (last.epoch === 0) host.onForgotten(group);
    else if (isOfThisEpoch) {
      // It has records of this very epoch that this node never wrote.
      host.onForgotten(group);
      host.onDivergent(group, last);
      groups.setOutdated(group);
      return false;
    }
    return true;
  }
}
