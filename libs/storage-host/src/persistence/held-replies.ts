/**
 * Replies on their way out, which wait until the log has what they tell of: an acknowledgement never leaves before the
 * change behind it is as durable as the setting promises, nor does a read that has seen it. They leave in the order in which
 * they were made. Frames are finished bytes, so nothing of an operation is kept but its reply.
 */
import { type ErrorCode, errorText } from '#libs/kernel';
import { ReplyWriter } from '#libs/resp';
import { beginRepliesFrame, beginReply, endReply, finishRepliesFrame, RepliesReader, REPLY_STATUS } from '#libs/wire';
import type { FrameTarget } from './durability.js';

interface HeldFrame {
  readonly target: FrameTarget;
  readonly frame: Uint8Array;
  /** Holds replies to operations, which are answered in any case. */
  readonly isReplies: boolean;
  /** What the log must have taken. */
  ticket: number;
}

/** Replies that wait at once, in bytes; beyond, operations are refused before they are executed. */
export const MAX_HELD_BYTES = 64 * 1024 * 1024;

/** The turn has not ended yet. */
const UNKNOWN = -1;

export class HeldReplies {
  private held: HeldFrame[] = [];
  private bytes = 0;
  private durableTicket = 0;
  private lostTicket = 0;
  private readonly reader = new RepliesReader();
  private readonly writer = new ReplyWriter(0);

  get isFull(): boolean {
    return this.bytes >= MAX_HELD_BYTES;
  }

  add(target: FrameTarget, frame: Uint8Array, isReplies: boolean): void {
    this.held.push({ target, frame, isReplies, ticket: UNKNOWN });
    this.bytes += frame.length;
  }

  /** Everything that was added since the last call tells of what the log was given up to this ticket. */
  stamp(ticket: number): void {
    const { held } = this;
    for (let at = held.length - 1; at >= 0 && held[at].ticket === UNKNOWN; at--) held[at].ticket = ticket;
    if (ticket <= this.durableTicket) this.releaseTo(ticket);
    else if (ticket <= this.lostTicket) this.refuse(this.takeUpTo(ticket));
  }

  /** The log has everything up to this ticket. */
  onDurable(ticket: number): void {
    this.durableTicket = ticket;
    this.releaseTo(ticket);
  }

  /** The log has failed, and what it was given up to this ticket is not kept as promised: nobody knows what became of it. */
  onLost(ticket: number): void {
    this.lostTicket = ticket;
    this.refuse(this.takeUpTo(ticket));
  }

  /** The log has refused what was added since the last call. */
  loseNew(): void {
    this.refuse(this.takeNew());
  }

  /** What was added since the last call tells of nothing that has to be kept. */
  releaseNew(): void {
    for (const { target, frame } of this.takeNew()) target.send(frame);
  }

  private refuse(lost: readonly HeldFrame[]): void {
    for (const { target, frame, isReplies } of lost) {
      if (isReplies) target.send(this.refusal(frame, 'LOG_FAILED'));
    }
  }

  private releaseTo(ticket: number): void {
    for (const { target, frame } of this.takeUpTo(ticket)) target.send(frame);
  }

  private takeNew(): readonly HeldFrame[] {
    const { held } = this;
    let first = held.length;
    while (first > 0 && held[first - 1].ticket === UNKNOWN) this.bytes -= held[--first].frame.length;
    return held.splice(first);
  }

  private takeUpTo(ticket: number): readonly HeldFrame[] {
    const { held } = this;
    let count = 0;
    while (count < held.length && held[count].ticket !== UNKNOWN && held[count].ticket <= ticket) {
      this.bytes -= held[count++].frame.length;
    }
    if (count === 0) return [];
    if (count < held.length) return held.splice(0, count);
    this.held = [];
    return held;
  }

  /** The same operations, each answered with an error. */
  private refusal(frame: Uint8Array, code: ErrorCode): Uint8Array {
    const { reader, writer } = this;
    reader.open(frame);
    const { incarnation, tableVersion } = reader;
    beginRepliesFrame(writer);
    let count = 0;
    for (; reader.advance(); count++) {
      const at = beginReply(writer);
      if (reader.status === REPLY_STATUS.executed) writer.error(errorText(code));
      endReply(writer, at, reader.operationId, reader.status);
    }
    finishRepliesFrame(writer, incarnation, tableVersion, count);
    return writer.toBytes();
  }
}
