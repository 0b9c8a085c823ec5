/**
 * A replica's end of the link from one primary node: takes frames in order and whole, and answers once a turn, after what it
 * answers for is durable and ownership has agreed to each of its groups.
 *
 * - Frames are counted per life of the link; an early one is dropped and what is missing asked for.
 * - Each frame that is taken is a {@link ticket}. The host tells by {@link onDurable} up to which one everything that was taken
 *   before, through whichever intake, is durable.
 * - An acknowledgement carries every refusal that it might seem to contradict, until the primary has heard of it.
 */
import { ByteWriter } from '#libs/kernel';
import { encodeAcknowledgement, REFUSAL_REASONS, type RefusalReason } from './acknowledgement.js';
import { REPLICATION_BOUNDS, REPLICATION_TIMES, type ReplicationBounds, type ReplicationTimes } from './bounds.js';
import type { GroupPositions } from './group-positions.js';
import { RecordTaker } from './record-taker.js';
import type { ReplicaHost, ReplicaOwnership } from './replica-side.js';
import { REPLICATE_KINDS } from './replicate-format.js';
import { ReplicateReader, UnknownFormatError } from './replicate-reader.js';

export interface IntakeOptions {
  /** A random number below 2^32, another one in each process. */
  readonly nonce: number;
  readonly positions: GroupPositions;
  readonly ownership: ReplicaOwnership;
  readonly host: ReplicaHost;
  readonly bounds?: ReplicationBounds;
  readonly times?: ReplicationTimes;
}

const LAST_SESSION = 0xffff_ffff;

export class ReplicaIntake {
  /** Frames taken so far; see {@link onDurable}. */
  ticket = 0;
  framesDuplicate = 0;
  framesEarly = 0;
  /** Frames of a life of the link that is no more, or that this replica has forgotten. */
  framesStray = 0;
  /** Frames that had to wait for a seal, and come again. */
  framesHeldBack = 0;
  framesOfUnknownFormat = 0;
  private readonly host: ReplicaHost;
  private readonly ownership: ReplicaOwnership;
  private readonly bounds: ReplicationBounds;
  private readonly times: ReplicationTimes;
  private readonly positions: GroupPositions;
  private readonly taker: RecordTaker;
  private readonly reader: ReplicateReader;
  private readonly writer = new ByteWriter();
  private incarnation: number | undefined;
  private generation = 0;
  private session: number;
  /** The ticket before that of the first frame of this life. */
  private ticketBase = 0;
  private received = 0;
  private durable = 0;
  /** Durable, and agreed to by ownership. */
  private acknowledged = 0;
  private unansweredBytes = 0;
  private isAnswerDue = false;
  private isResendWanted = false;
  private isHeldBack = false;
  /** As the primary has been told last. */
  private wasPressed = false;
  private askedFor = 0;
  private askedAtMs = -Infinity;

  constructor(options: IntakeOptions) {
    const { nonce, positions, ownership, host, bounds = REPLICATION_BOUNDS, times = REPLICATION_TIMES } = options;
    this.session = nonce;
    this.positions = positions;
    this.ownership = ownership;
    this.host = host;
    this.bounds = bounds;
    this.times = times;
    this.taker = new RecordTaker(positions, ownership, host, bounds);
    this.reader = new ReplicateReader(positions.partitionCount);
  }

  /** A frame from the primary. Throws DecodeError where it is not well-formed; then nothing of it was taken. */
  receive(message: Uint8Array, nowMs: number): void {
    if (!this.open(message)) return;
    const { sequence, heard, kind } = this.reader;
    if (kind === REPLICATE_KINDS.poke) return this.onPoke(sequence, heard);
    if (!this.isOfThisLife()) return void this.framesStray++;
    this.hear(heard);
    if (sequence <= this.received) {
      this.framesDuplicate++;
      this.isAnswerDue = true;
    } else if (sequence > this.received + 1) {
      this.framesEarly++;
      if (!this.isHeldBack) this.askForMissing(nowMs);
    } else this.take(message);
  }

  /** Everything is durable that had been taken when {@link ticket} was this. */
  onDurable(ticket: number): void {
    this.durable = Math.max(this.durable, Math.min(ticket - this.ticketBase, this.received));
  }

  /** Seals are saved for which frames may have had to wait. */
  onSealsSaved(nowMs: number): void {
    if (!this.isHeldBack) return;
    this.isHeldBack = false;
    this.askForMissing(nowMs);
  }

  /**
   * The host cannot take more of a group, from within its `take` or `takeCopy`: what it has of the group is of no use now, and
   * will be copied again.
   */
  refuse(group: number, reason: RefusalReason): void {
    this.positions.incomplete[group] = 1;
    this.taker.refuse(group, reason);
  }

  /** Answers where there is something to say. */
  endTurn(nowMs: number): void {
    if (this.incarnation === undefined) return;
    this.agree(nowMs);
    if (this.host.isPressed !== this.wasPressed) this.isAnswerDue = true;
    if (this.unansweredBytes >= this.bounds.acknowledgeBytes) this.isAnswerDue = true;
    if (this.isAnswerDue) this.answer(this.incarnation);
  }

  private open(message: Uint8Array): boolean {
    try {
      this.reader.open(message);
      return true;
    } catch (error) {
      if (!(error instanceof UnknownFormatError)) throw error;
      this.framesOfUnknownFormat++;
      return false;
    }
  }

  private isOfThisLife(): boolean {
    const { incarnation, generation, session } = this.reader;
    return incarnation === this.incarnation && generation === this.generation && session === this.session;
  }

  /** A life begins, whatever may come of the one before. */
  private begin(incarnation: number, generation: number): void {
    this.incarnation = incarnation;
    this.generation = generation;
    this.session = this.session === LAST_SESSION ? 1 : this.session + 1;
    this.ticketBase = this.ticket;
    this.received = this.durable = this.acknowledged = 0;
    this.unansweredBytes = 0;
    this.isResendWanted = this.isHeldBack = false;
    this.askedFor = 0;
    this.taker.clear();
  }

  /** What the primary knows is not said again, which may leave room for more. */
  private hear(frame: number): void {
    const { refusals } = this.taker;
    const { count } = refusals;
    if (count === 0) return;
    refusals.forgetUpTo(Math.min(frame, this.acknowledged));
    if (count > this.bounds.maxRefusals && refusals.count < count) this.isAnswerDue = true;
  }

  /** Only a question begins a life: what else is late from an earlier one would otherwise end the present one. */
  private onPoke(lastSent: number, heard: number): void {
    const { incarnation, generation } = this.reader;
    if (incarnation === this.incarnation && generation < this.generation) return;
    if (incarnation !== this.incarnation || generation > this.generation) this.begin(incarnation, generation);
    this.isAnswerDue = true;
    if (!this.isOfThisLife()) return;
    this.hear(heard);
    if (lastSent > this.received) this.isResendWanted = true;
  }

  private askForMissing(nowMs: number): void {
    const isAsked = this.askedFor === this.received + 1 && nowMs - this.askedAtMs < this.times.resendMs;
    if (isAsked) return;
    this.askedFor = this.received + 1;
    this.askedAtMs = nowMs;
    this.isResendWanted = true;
    this.isAnswerDue = true;
  }

  private take(message: Uint8Array): void {
    const { taker, reader } = this;
    if (!this.hasRoom() || !taker.check(reader, message)) {
      this.isHeldBack = true;
      this.framesHeldBack++;
      return;
    }
    this.received++;
    this.ticket++;
    taker.take(reader, message);
    this.isHeldBack = this.isResendWanted = false;
    this.unansweredBytes += message.length;
  }

  /** The primary's own bounds keep it below these. */
  private hasRoom(): boolean {
    const { groups, refusals } = this.taker;
    const { maxWindowFrames, maxWindowEntries, maxPendingRefusals } = this.bounds;
    return groups.lists < maxWindowFrames && groups.entries < maxWindowEntries && refusals.count < maxPendingRefusals;
  }

  /** Asks ownership about what is durable, frame by frame. */
  private agree(nowMs: number): void {
    while (this.acknowledged < this.durable && this.agreeToOldest(nowMs)) {
      this.taker.groups.shift();
      this.acknowledged++;
      this.isAnswerDue = true;
    }
  }

  private agreeToOldest(nowMs: number): boolean {
    const { groups, sessions } = this.taker;
    const frame = this.acknowledged + 1;
    const { oldestLength } = groups;
    for (let i = 0; i < oldestLength; i++) {
      const group = groups.oldestGroup(i);
      const epoch = groups.oldestNumber(i);
      const verdict = this.ownership.acknowledge(group, epoch, nowMs);
      if (verdict === 'unsaved') return false;
      // Frames of an earlier session count for nothing: the primary began anew after it had sent them.
      if (verdict === 'refused' && sessions.isOpenAt(group, frame))
        this.taker.refuse(group, REFUSAL_REASONS.sealed, frame);
    }
    return true;
  }

  private answer(incarnation: number): void {
    const { taker, generation, session, received, isResendWanted, host } = this;
    const durable = taker.refusals.reach(this.acknowledged, this.bounds.maxRefusals);
    const refusals = taker.refusals.upTo(durable);
    const { isPressed } = host;
    const said = { incarnation, generation, session, durable, received, isResendWanted, isPressed, refusals };
    this.isAnswerDue = this.isResendWanted = false;
    this.unansweredBytes = 0;
    this.wasPressed = isPressed;
    host.send(encodeAcknowledgement(this.writer, said));
  }
}
