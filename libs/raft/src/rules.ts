import type { Outgoing } from './messages.js';

/**
 * The conditions on which Raft's safety rests, each in one place. A node can be built with one of them changed, so that
 * simulations can show that their checkers notice; nothing else has a use for that.
 */
export interface SafetyRules {
  /** §3.8: what a message says rests on entries or a snapshot that may not be durable yet. All rest on term and vote. */
  restsOnLog(message: Outgoing): boolean;
  /** §3.6.1: only a candidate with a log at least as far as the voter's gets the vote. */
  isUpToDate(lastTerm: number, lastIndex: number, ownLastTerm: number, ownLastIndex: number): boolean;
  /** §3.6.2: a leader counts copies only of entries of its own term. */
  mayCommit(entryTerm: number, term: number): boolean;
  /** §9.6: a term is begun only after a quorum has said that it would vote. */
  readonly asksBeforeElections: boolean;
  /** §5.3: a snapshot of what is committed here anyway is ignored. */
  isSnapshotOld(snapshotIndex: number, commit: number): boolean;
  /** §6.4.1: a follower's promise counts from when the heartbeat was sent. */
  isPromiseAlive(sentTick: number, leaseTicks: number, tick: number): boolean;
}

export const SAFETY_RULES: SafetyRules = {
  restsOnLog: (message) => message.type === 'append-reply' && !message.rejected,
  isUpToDate: (lastTerm, lastIndex, ownLastTerm, ownLastIndex) =>
    lastTerm > ownLastTerm || (lastTerm === ownLastTerm && lastIndex >= ownLastIndex),
  mayCommit: (entryTerm, term) => entryTerm === term,
  asksBeforeElections: true,
  isSnapshotOld: (snapshotIndex, commit) => snapshotIndex <= commit,
  isPromiseAlive: (sentTick, leaseTicks, tick) => tick < sentTick + leaseTicks,
};
