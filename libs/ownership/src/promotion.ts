/**
 * How a candidate becomes primary of one partition under one epoch: it has a majority of the owners seal, fetches the log of
 * the one that is furthest, commits `EpochStarted` in a majority, then serves. The steps are those of a view change
 * (Liskov and Cowling, "Viewstamped Replication Revisited", 2012); that owners of two sets must seal while owners are being
 * replaced follows Lamport, Malkhi and Zhou, "Vertical Paxos", 2009.
 */
import type { PartitionAssignment } from './assignment.js';
import { OWNERSHIP_BOUNDS, type OwnershipTimes } from './bounds.js';
import type { OwnershipRules } from './rules.js';
import { comparePositions, type Position } from './shard-log.js';

export type PromotionState = 'sealing' | 'fetching' | 'starting' | 'serving' | 'given-up';

/**
 * Why a candidate or primary is none any more.
 * - `moved-on`: the coordinators have committed a later epoch;
 * - `superseded`: an owner knows a later epoch;
 * - `no-majority`: too few owners have sealed in {@link OWNERSHIP_BOUNDS.maxSealRounds} rounds;
 * - `no-tail`: nobody has given away the log that is furthest;
 * - `not-started`: `EpochStarted` was not committed in time;
 * - `spent`: an earlier life of this process had begun this epoch.
 *
 * All but the first two need a new epoch from the coordinators.
 */
export type StopReason = 'moved-on' | 'superseded' | 'no-majority' | 'no-tail' | 'not-started' | 'spent';

/** What a promotion has done. */
export interface PromotionActions {
  askToSeal(owner: string, promotion: Promotion): void;
  fetch(from: string, upTo: Position, attempt: number, promotion: Promotion): void;
  start(promotion: Promotion): void;
  serve(promotion: Promotion): void;
  giveUp(reason: StopReason, promotion: Promotion): void;
}

export class Promotion {
  state: PromotionState = 'sealing';
  private readonly answers = new Map<string, Position>();
  private readonly asked: readonly string[];
  private dueMs: number;
  private sealRounds = 1;
  private fetches = 0;
  private source: string | undefined;

  /** Asks all owners at once. */
  constructor(
    readonly assignment: PartitionAssignment,
    private readonly self: string,
    nowMs: number,
    private readonly times: OwnershipTimes,
    private readonly rules: OwnershipRules,
    private readonly actions: PromotionActions,
  ) {
    this.asked = [...new Set([...assignment.owners, ...assignment.outgoing])];
    this.dueMs = nowMs + times.sealRetryMs;
    for (const owner of this.asked) actions.askToSeal(owner, this);
  }

  /** An owner has sealed, and its log ends there. What it says again is what counts. */
  onSealed(owner: string, position: Position, nowMs: number): void {
    if (this.state !== 'sealing' || !this.asked.includes(owner)) return;
    this.answers.set(owner, position);
    if (this.isSealed()) this.afterSealing(nowMs);
  }

  /** The answer to a request for a tail. A source that cannot give it away does not count as sealed any more. */
  onTail(attempt: number, isWhole: boolean, nowMs: number): void {
    if (this.state !== 'fetching' || attempt !== this.fetches) return;
    if (isWhole) this.start(nowMs);
    else this.dropSource(nowMs);
  }

  /** `EpochStarted` is committed in a majority. */
  onStarted(): void {
    if (this.state === 'starting') this.serve();
  }

  tick(nowMs: number): void {
    if (nowMs < this.dueMs) return;
    if (this.state === 'sealing') this.askAgain(nowMs);
    else if (this.state === 'fetching') this.dropSource(nowMs);
    else if (this.state === 'starting') this.giveUp('not-started');
  }

  giveUp(reason: StopReason): void {
    if (this.state === 'given-up') return;
    this.state = 'given-up';
    this.actions.giveUp(reason, this);
  }

  /** A majority of each set, and this node itself. */
  private isSealed(): boolean {
    if (this.rules.sealsItself && !this.answers.has(this.self)) return false;
    const { owners, outgoing } = this.assignment;
    const hasMajority = (set: readonly string[]): boolean => {
      const sealed = set.filter((owner) => this.answers.has(owner)).length;
      return sealed >= this.rules.sealsNeeded(set.length);
    };
    return hasMajority(owners) && (outgoing.length === 0 || !this.rules.sealsOutgoing || hasMajority(outgoing));
  }

  private askAgain(nowMs: number): void {
    if (++this.sealRounds > OWNERSHIP_BOUNDS.maxSealRounds) return this.giveUp('no-majority');
    this.dueMs = nowMs + this.times.sealRetryMs;
    for (const owner of this.asked) if (!this.answers.has(owner)) this.actions.askToSeal(owner, this);
  }

  /** Fetches from whoever is furthest, this node itself where none is further. */
  private afterSealing(nowMs: number): void {
    let furthest: [string, Position] | undefined;
    for (const answer of this.answers) {
      const order = furthest === undefined ? 1 : comparePositions(answer[1], furthest[1]);
      if (order > 0 || (order === 0 && answer[0] === this.self)) furthest = answer;
    }
    if (furthest === undefined || furthest[0] === this.self || !this.rules.fetchesTail) return this.start(nowMs);
    if (++this.fetches > OWNERSHIP_BOUNDS.maxFetches) return this.giveUp('no-tail');
    this.state = 'fetching';
    this.source = furthest[0];
    this.dueMs = nowMs + this.times.fetchMs;
    this.actions.fetch(furthest[0], furthest[1], this.fetches, this);
  }

  private dropSource(nowMs: number): void {
    this.answers.delete(this.source as string);
    this.state = 'sealing';
    if (this.isSealed()) return this.afterSealing(nowMs);
    this.askAgain(nowMs);
  }

  private start(nowMs: number): void {
    this.state = 'starting';
    this.dueMs = nowMs + this.times.startMs;
    this.actions.start(this);
    if (!this.rules.servesOnceStarted) this.serve();
  }

  private serve(): void {
    this.state = 'serving';
    this.actions.serve(this);
  }
}
