/**
 * One storage node's part in ownership: as an owner it seals and grants leases, as a candidate it is promoted, as primary
 * it renews its leases. No clock, disk or network of its own; each call may leave effects, which {@link takeEffects}
 * hands out. The host owes it
 *
 * - times of one monotonic clock, read after the input that they come with has arrived;
 * - a {@link tick} at least every 50 ms;
 * - a disk that keeps what it has acknowledged: a node that lost its disk is another node, under another id.
 */
import { checkAssignment, type PartitionAssignment } from './assignment.js';
import { OWNERSHIP_TIMES, type OwnershipTimes } from './bounds.js';
import type { OwnershipEffect } from './effects.js';
import { LeaseGrantor, type GrantVerdict, type SealRecord } from './lease-grantor.js';
import { LeaseHolder } from './lease-holder.js';
import { decodeOwnership } from './message-decoder.js';
import type { OwnershipMessage, RenewAnswer, RenewRequest, SealAnswer, SealRequest } from './messages.js';
import { Outbox } from './outbox.js';
import { Promotion, type PromotionActions, type PromotionState, type StopReason } from './promotion.js';
import { OWNERSHIP_RULES, type OwnershipRules } from './rules.js';
import { NOWHERE, type ShardLog } from './shard-log.js';

export interface OwnershipOptions {
  /** This node's id, a token as in bus subjects. */
  readonly self: string;
  /** The saved epoch of each partition, as many as there are partitions; zeros at the first start. */
  readonly stored: Uint32Array;
  readonly nowMs: number;
  readonly log: ShardLog;
  readonly times?: OwnershipTimes;
  readonly rules?: OwnershipRules;
}

export class OwnershipNode {
  /** Before this time reads that must see what was committed may be answered, per partition: for the hot path. */
  readonly validUntilMs: Float64Array;
  private readonly self: string;
  private readonly log: ShardLog;
  private readonly times: OwnershipTimes;
  private readonly rules: OwnershipRules;
  private readonly grantor: LeaseGrantor;
  private readonly holder: LeaseHolder;
  private readonly outbox: Outbox;
  private readonly assigned: Uint32Array;
  private readonly promotions = new Map<number, Promotion>();
  private effects: OwnershipEffect[] = [];
  private renewAtMs: number;
  private readonly actions: PromotionActions;

  constructor({ self, stored, nowMs, log, times = OWNERSHIP_TIMES, rules = OWNERSHIP_RULES }: OwnershipOptions) {
    this.self = self;
    this.log = log;
    this.times = times;
    this.rules = rules;
    this.grantor = new LeaseGrantor(stored, nowMs, times, rules);
    this.holder = new LeaseHolder(stored.length, times, rules);
    this.validUntilMs = this.holder.validUntilMs;
    this.outbox = new Outbox(self);
    this.assigned = new Uint32Array(stored.length);
    this.renewAtMs = nowMs;
    this.actions = this.promotionActions();
  }

  /** The partition as the coordinators' table has it. What is known already, and what is older, changes nothing. */
  assign(assignment: PartitionAssignment, nowMs: number): void {
    checkAssignment(assignment);
    const { partition, epoch, candidate } = assignment;
    if (epoch <= this.assigned[partition]) return;
    this.assigned[partition] = epoch;
    this.stop(partition, epoch, 'moved-on');
    if (candidate !== this.self) return;
    const known = this.grantor.knownEpoch(partition);
    if (known > epoch) this.effects.push({ kind: 'stop', partition, epoch, reason: 'superseded' });
    else if (known === epoch && this.rules.isSpentByRestart) {
      this.effects.push({ kind: 'stop', partition, epoch, reason: 'spent' });
    } else this.promote(assignment, nowMs);
  }

  /** A frame from another node. DecodeError where it is not well-formed. */
  receive(frame: Uint8Array, nowMs: number): void {
    const message = decodeOwnership(frame, this.grantor.partitionCount);
    this.handle(message, nowMs);
    this.answerSeals(nowMs);
  }

  onSealsSaved(seals: readonly SealRecord[], nowMs: number): void {
    this.grantor.onSaved(seals);
    this.answerSeals(nowMs);
  }

  /** See {@link ShardLog.fetchTail}. */
  onTail(partition: number, epoch: number, attempt: number, isWhole: boolean, nowMs: number): void {
    this.promotionOf(partition, epoch)?.onTail(attempt, isWhole, nowMs);
  }

  /** See {@link ShardLog.appendEpochStarted}. */
  onStarted(partition: number, epoch: number): void {
    this.promotionOf(partition, epoch)?.onStarted();
  }

  /** Whether a record that the primary of this epoch has sent may be taken into the log; `unsaved`: not yet. */
  admits(partition: number, epoch: number): GrantVerdict {
    const verdict = this.grantor.admits(partition, epoch);
    this.stop(partition, this.grantor.knownEpoch(partition), 'superseded');
    return verdict;
  }

  /** Asked when a record is durable and its acknowledgement is about to leave; `granted` makes it a promise. */
  acknowledge(partition: number, epoch: number, nowMs: number): GrantVerdict {
    return this.grantor.grant(partition, epoch, nowMs);
  }

  /** An owner, maybe this one, has acknowledged an append that this node, as primary, had sent at `sentAtMs`. */
  onAcknowledged(partition: number, epoch: number, owner: string, sentAtMs: number, nowMs: number): void {
    this.holder.onPromise(partition, epoch, owner, sentAtMs, nowMs);
  }

  /** An owner has refused an append since it knows a later epoch. */
  onRefused(partition: number, sealedEpoch: number): void {
    this.stop(partition, sealedEpoch, 'superseded');
  }

  /** Whether this node is primary of the partition and a majority promises that there is no other. */
  holds(partition: number, nowMs: number): boolean {
    return this.holder.holds(partition, nowMs) && this.isServing(partition);
  }

  isServing(partition: number): boolean {
    return this.promotions.get(partition)?.state === 'serving';
  }

  /** As a candidate or primary of the epoch; undefined where this node is neither. */
  stateOf(partition: number, epoch: number): PromotionState | undefined {
    return this.promotionOf(partition, epoch)?.state;
  }

  /** Nothing below this epoch is taken here. */
  sealedEpoch(partition: number): number {
    return this.grantor.knownEpoch(partition);
  }

  tick(nowMs: number): void {
    for (const promotion of this.promotions.values()) promotion.tick(nowMs);
    this.answerSeals(nowMs);
    if (nowMs < this.renewAtMs) return;
    this.renewAtMs = nowMs + this.times.renewMs;
    this.renew(nowMs);
  }

  /** What has come up since the last call, in order. */
  takeEffects(): readonly OwnershipEffect[] {
    const seals = this.grantor.takeUnsaved();
    if (seals.length > 0) this.effects.push({ kind: 'save', seals });
    for (const { to, frame } of this.outbox.take()) this.effects.push({ kind: 'send', to, frame });
    const { effects } = this;
    this.effects = [];
    return effects;
  }

  private promotionOf(partition: number, epoch: number): Promotion | undefined {
    const promotion = this.promotions.get(partition);
    return promotion?.assignment.epoch === epoch ? promotion : undefined;
  }

  private promote(assignment: PartitionAssignment, nowMs: number): void {
    const { self, times, rules, actions } = this;
    const promotion = new Promotion(assignment, self, nowMs, times, rules, actions);
    this.promotions.set(assignment.partition, promotion);
  }

  private promotionActions(): PromotionActions {
    return {
      askToSeal: (owner, { assignment: { partition, epoch } }) => {
        if (owner === this.self) this.grantor.seal(partition, epoch, owner);
        else this.outbox.seal(owner, { partition, epoch });
      },
      fetch: (from, upTo, attempt, { assignment: { partition, epoch } }) => {
        this.log.fetchTail({ partition, epoch, from, upTo, attempt });
      },
      start: ({ assignment: { partition, epoch, owners } }) => {
        this.holder.lead(partition, epoch, owners);
        this.log.appendEpochStarted(partition, epoch);
      },
      serve: ({ assignment: { partition, epoch } }) => this.effects.push({ kind: 'serve', partition, epoch }),
      giveUp: (reason, { assignment: { partition, epoch } }) => {
        this.promotions.delete(partition);
        this.holder.resign(partition);
        this.effects.push({ kind: 'stop', partition, epoch, reason });
      },
    };
  }

  /** Ends whatever this node is under an epoch below the one that it has heard of. */
  private stop(partition: number, epoch: number, reason: StopReason): void {
    const promotion = this.promotions.get(partition);
    if (promotion !== undefined && promotion.assignment.epoch < epoch) promotion.giveUp(reason);
  }

  private handle(message: OwnershipMessage, nowMs: number): void {
    switch (message.type) {
      case 'seal':
        return this.onSeals(message.from, message.records);
      case 'sealed':
        return this.onSealed(message.from, message.records, nowMs);
      case 'renew':
        return this.onRenew(message.from, message.round, message.records, nowMs);
      case 'granted':
        return this.onGranted(message.from, message.round, message.records, nowMs);
    }
  }

  private onSeals(from: string, records: readonly SealRequest[]): void {
    for (const { partition, epoch } of records) {
      if (this.grantor.seal(partition, epoch, from)) this.stop(partition, epoch, 'superseded');
      else {
        const sealedEpoch = this.grantor.knownEpoch(partition);
        this.outbox.answerSeal(from, { partition, epoch, sealedEpoch, last: NOWHERE });
      }
    }
  }

  private answerSeals(nowMs: number): void {
    for (const { partition, epoch, to } of this.grantor.takeDue(nowMs)) {
      const last = this.log.lastPosition(partition);
      if (to === this.self) this.promotionOf(partition, epoch)?.onSealed(to, last, nowMs);
      else this.outbox.answerSeal(to, { partition, epoch, sealedEpoch: epoch, last });
    }
  }

  private onSealed(from: string, records: readonly SealAnswer[], nowMs: number): void {
    for (const { partition, epoch, sealedEpoch, last } of records) {
      if (sealedEpoch > epoch) this.stop(partition, sealedEpoch, 'superseded');
      else this.promotionOf(partition, epoch)?.onSealed(from, last, nowMs);
    }
  }

  private onRenew(from: string, round: number, records: readonly RenewRequest[], nowMs: number): void {
    const answers: RenewAnswer[] = [];
    for (const { partition, epoch } of records) {
      const verdict = this.grantor.grant(partition, epoch, nowMs);
      const sealedEpoch = this.grantor.knownEpoch(partition);
      this.stop(partition, sealedEpoch, 'superseded');
      if (verdict !== 'unsaved') answers.push({ partition, epoch, sealedEpoch });
    }
    this.outbox.answerRenewals(from, round, answers);
  }

  private onGranted(from: string, round: number, records: readonly RenewAnswer[], nowMs: number): void {
    const sentAtMs = this.holder.roundStart(round);
    for (const { partition, epoch, sealedEpoch } of records) {
      if (sealedEpoch > epoch) this.stop(partition, sealedEpoch, 'superseded');
      else if (sentAtMs !== undefined) this.holder.onPromise(partition, epoch, from, sentAtMs, nowMs);
    }
  }

  private renew(nowMs: number): void {
    const round = this.holder.beginRound(nowMs);
    for (const [partition, { epoch, owners }] of this.holder.partitions()) {
      for (const owner of owners) {
        if (owner !== this.self) this.outbox.renew(owner, round, { partition, epoch });
        else if (this.grantor.grant(partition, epoch, nowMs) === 'granted') {
          this.holder.onPromise(partition, epoch, owner, nowMs, nowMs);
        }
      }
    }
  }
}
