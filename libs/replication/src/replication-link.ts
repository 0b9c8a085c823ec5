/**
 * A primary's way to one replica: each turn one frame with the records of the groups which that replica holds. What was sent
 * waits until it is acknowledged, and what was lost is sent again; a replica that lacks more than the window remembers gets
 * it from the log, or a copy (catch-up.ts). The source of all events of one node for one other, whatever groups they share.
 *
 * (One link per group, as Raft groups have, would cost a frame, a window and a timer for each of thousands.)
 */
import { assert } from '#libs/kernel';
import { decodeAcknowledgement } from './acknowledgement.js';
import { REPLICATION_BOUNDS, REPLICATION_TIMES, type ReplicationBounds, type ReplicationTimes } from './bounds.js';
import { CatchUp } from './catch-up.js';
import type { GroupPositions } from './group-positions.js';
import { LINK_STATES, LinkGroups, type LinkStateName } from './link-groups.js';
import { LinkStream } from './link-stream.js';
import {
  type CatchUpBudget,
  NO_BUDGET,
  type PrimaryHost,
  type PrimaryOwnership,
  type TailOutcome,
} from './primary-side.js';
import type { RecordRuns } from './record-runs.js';
import { ReplicaAnswers } from './replica-answers.js';
import { REPLICATE_KINDS } from './replicate-format.js';
import { TurnShipper } from './turn-shipper.js';

export interface LinkOptions {
  /** The replica's node id, as ownership knows it. */
  readonly peer: string;
  /** A random number below 2^32 that tells this process from others of its node. */
  readonly incarnation: number;
  readonly positions: GroupPositions;
  readonly host: PrimaryHost;
  readonly ownership: PrimaryOwnership;
  readonly nowMs: number;
  readonly budget?: CatchUpBudget;
  readonly bounds?: ReplicationBounds;
  readonly times?: ReplicationTimes;
}

/** The slowest bus for which a frame under way is not taken to be lost. */
const SLOWEST_BYTES_PER_MS = 16 * 1024;

export class ReplicationLink {
  /** How often the window was too small, and how often the replica had forgotten the link. */
  overruns = 0;
  resets = 0;
  /** Frames that were missing at the replica, so often it asked for them. */
  resends = 0;
  private readonly positions: GroupPositions;
  private readonly times: ReplicationTimes;
  private readonly bounds: ReplicationBounds;
  private readonly groups: LinkGroups;
  private readonly stream: LinkStream;
  private readonly catchUp: CatchUp;
  private readonly shipper: TurnShipper;
  private readonly answers: ReplicaAnswers;
  /** Since when the replica owes an answer, the last question included. */
  private waitsSinceMs: number;
  private pokePauseMs: number;
  private rewoundAtMs = -Infinity;
  private rewoundTo = 0;

  constructor(options: LinkOptions) {
    const { peer, incarnation, positions, host, ownership, nowMs, budget = NO_BUDGET } = options;
    const { bounds = REPLICATION_BOUNDS, times = REPLICATION_TIMES } = options;
    const groups = new LinkGroups(positions.groupCount);
    const stream = new LinkStream(incarnation, positions.groupCount, bounds, (frame) => host.send(frame));
    const catchUp = new CatchUp(stream, groups, positions, host, budget, bounds);
    this.shipper = new TurnShipper(stream, groups, catchUp, bounds);
    this.answers = new ReplicaAnswers(peer, stream, groups, catchUp, positions, host, ownership, times.retryMs);
    this.positions = positions;
    this.bounds = bounds;
    this.times = times;
    this.groups = groups;
    this.stream = stream;
    this.catchUp = catchUp;
    this.waitsSinceMs = nowMs - times.pokeMs;
    this.pokePauseMs = times.pokeMs;
  }

  /** Whether the replica answers, so that events are on their way. */
  get isOpen(): boolean {
    return this.stream.isOpen;
  }

  /** The replica is short of memory: what is sent adds to it. */
  get isPressed(): boolean {
    return this.catchUp.isPressed;
  }

  /** Whether another turn should follow soon, although nothing may happen in it. */
  get wantsTurn(): boolean {
    return this.isOpen && (this.groups.resuming.size > 0 || this.catchUp.canGoOn);
  }

  /** Frames that are not acknowledged. */
  get lagFrames(): number {
    return this.stream.window.count;
  }

  get lagBytes(): number {
    return this.stream.window.bytes + this.stream.window.largeBytes;
  }

  /** How long ago the oldest frame was sent that is not acknowledged; 0 where all are. Groups that lack more do not show. */
  lagMs(nowMs: number): number {
    return this.lagFrames === 0 ? 0 : nowMs - this.stream.window.oldestSentAtMs;
  }

  /** Groups whose replica does not get what happens now. */
  get lackingGroups(): number {
    return this.groups.lacking;
  }

  get framesSent(): number {
    return this.stream.framesSent;
  }

  get bytesSent(): number {
    return this.stream.bytesSent;
  }

  get tailsBegun(): number {
    return this.catchUp.tailsBegun;
  }

  get copiesBegun(): number {
    return this.catchUp.copiesBegun;
  }

  countOf(state: LinkStateName): number {
    return this.groups.countOf(LINK_STATES[state]);
  }

  /**
   * This node is primary of the group under this epoch, and the replica one of its owners. `epoch-start`: the group's next record
   * is the EpochStarted, which says itself where it belongs. `now`: the epoch has begun already.
   */
  add(group: number, epoch: number, since: 'epoch-start' | 'now'): void {
    assert(
      epoch > 0 && epoch >= this.groups.epochs[group],
      `group ${group}: epoch ${epoch} after ${this.groups.epochs[group]}`,
    );
    this.catchUp.cancel(group);
    this.groups.epochs[group] = epoch;
    if (since === 'epoch-start' && this.isOpen) this.groups.setLive(group, this.stream.window.next);
    else this.groups.setResuming(group);
  }

  /** The replica is none any more, or this node no primary. */
  remove(group: number): void {
    this.catchUp.cancel(group);
    this.groups.setNone(group);
  }

  /** What this turn has brought, maybe nothing; one batch, whose time goes for what is copied too. */
  endTurn(turn: RecordRuns, nowMs: number): void {
    if (!this.isOpen) return;
    const { window } = this.stream;
    if (window.count === 0 && !this.isPressed) this.waitsSinceMs = nowMs;
    this.shipper.ship(turn, nowMs);
    this.resume(nowMs);
    this.catchUp.goOn(turn.wallMs[0], turn.logicals[0], nowMs);
    this.finish(nowMs);
  }

  /** A frame from the replica. Throws DecodeError where it is not well-formed. */
  receive(message: Uint8Array, nowMs: number): void {
    const acknowledgement = decodeAcknowledgement(message, this.positions.partitionCount);
    const { life, window } = this.stream;
    if (acknowledgement.incarnation !== life.incarnation || acknowledgement.generation !== life.generation) return;
    if (acknowledgement.received >= window.next) return;
    if (!this.isOpen) this.stream.open(acknowledgement.session);
    else if (acknowledgement.session !== life.session) {
      this.resets++;
      return this.restart(nowMs);
    }
    this.waitsSinceMs = nowMs;
    this.pokePauseMs = this.times.pokeMs;
    this.catchUp.isPressed = acknowledgement.isPressed;
    window.onReceived(acknowledgement.received);
    this.answers.take(acknowledgement, nowMs);
    if (acknowledgement.isResendWanted) this.resend(acknowledgement.received, nowMs);
    this.stream.transmit();
  }

  /** See {@link PrimaryHost.readTail}: records of the group, contiguous, which happened at one time. */
  onTailRecords(
    group: number,
    request: number,
    records: Uint8Array,
    offset: number,
    length: number,
    wallMs: number,
    logical: number,
    nowMs: number,
  ): void {
    this.catchUp.onTailRecords(group, request, records, offset, length, wallMs, logical, nowMs);
    this.finish(nowMs);
  }

  onTailEnd(group: number, request: number, outcome: TailOutcome, nowMs: number): void {
    this.catchUp.onTailEnd(group, request, outcome, nowMs);
    this.finish(nowMs);
  }

  /** To be called every 50 ms or so. */
  tick(nowMs: number): void {
    for (const [group, untilMs] of this.groups.paused) if (nowMs >= untilMs) this.groups.setResuming(group);
    if (this.isOpen && this.lagFrames === 0 && !this.isPressed) return;
    const patienceMs = this.pokePauseMs + this.stream.window.flightBytes / SLOWEST_BYTES_PER_MS;
    if (nowMs - this.waitsSinceMs < patienceMs) return;
    this.waitsSinceMs = nowMs;
    this.pokePauseMs = Math.min(this.pokePauseMs * 2, this.times.maxPokeMs);
    this.stream.poke();
  }

  private finish(nowMs: number): void {
    if (this.stream.isOverrun) {
      this.overruns++;
      this.restart(nowMs);
    } else this.stream.transmit();
  }

  /** Tells the replica of each of these groups to go on behind this node's last record, where it is there. */
  private resume(nowMs: number): void {
    const { groups, stream, positions } = this;
    const { resuming } = groups;
    while (resuming.size > 0) {
      let left = Math.min(resuming.size, this.bounds.maxFrameGroups);
      stream.writer.begin();
      stream.writer.groupCount(left);
      for (const group of resuming) {
        if (left-- === 0) break;
        stream.writer.groupAt(group, groups.epochs[group], positions.epochs[group], positions.sequences[group]);
        stream.note(group, positions.sequences[group]);
        groups.setLive(group, stream.window.next);
      }
      stream.add(REPLICATE_KINDS.resume, nowMs, false);
    }
  }

  private resend(received: number, nowMs: number): void {
    const { window } = this.stream;
    if (received !== window.received || window.nextSent <= received + 1) return;
    if (received === this.rewoundTo && nowMs - this.rewoundAtMs < this.times.resendMs) return;
    this.rewoundTo = received;
    this.rewoundAtMs = nowMs;
    this.resends += window.nextSent - received - 1;
    window.rewind();
  }

  /** Begins another life: the replica says first what it has. */
  private restart(nowMs: number): void {
    this.catchUp.cancelAll();
    this.stream.restart();
    this.groups.resumeAll();
    this.rewoundTo = 0;
    this.waitsSinceMs = nowMs;
    this.pokePauseMs = this.times.pokeMs;
    this.stream.poke();
  }
}
