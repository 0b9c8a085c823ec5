import { assert, BOUNDS, crc32, DecodeError } from '#libs/kernel';
import { FRAME_HEADER_BYTES, FRAME_TYPES, writeFrameHeader } from './frame.js';

/**
 * PART frames carry a frame that is larger than one bus message, a few at a time: the receiver acknowledges each, and
 * the sender keeps at most {@link PART_WINDOW} unacknowledged, so that a large value never floods the bus.
 *
 * PART payload: sender's incarnation u32, message id u32, index u32, part count u32, message bytes u32, CRC-32 of the
 * data u32, data (at least one byte). PART_ACK payload: incarnation u32, message id u32, index u32.
 */
export const PART_WINDOW = 4;
export const PART_HEADER_BYTES = FRAME_HEADER_BYTES + 24;
const PART_ACK_BYTES = FRAME_HEADER_BYTES + 12;

/** Puts a message on the bus, which is `frame` itself or one of its parts; false where the bus refuses it. */
export type TransmitPart = (message: Uint8Array, frame: Uint8Array) => boolean;

/**
 * Sends frames in order; those above `maxFrameBytes` in parts. Later frames wait behind unfinished parts. Nothing is sent
 * twice: a message of which a part or an acknowledgement was lost is given up by {@link tick}, and the next one begins.
 *
 * Acknowledgements must not go this way: two sides that send each other parts would wait for each other.
 */
export class PartSender {
  private readonly queue: Uint8Array[] = [];
  /** The queue's first frame while its parts are under way. */
  private current: Uint8Array | undefined;
  private messageId = 0;
  private nextIndex = 0;
  private acknowledged = 0;
  private queued = 0;
  /** Changes with every step forward; what {@link tick} saw last, and when. */
  private progress = 0;
  private seenProgress = 0;
  private seenAtMs = 0;

  constructor(
    private readonly incarnation: number,
    private readonly maxFrameBytes: number,
    private readonly transmit: TransmitPart,
  ) {
    assert(maxFrameBytes > PART_HEADER_BYTES, 'a part must hold at least one byte');
  }

  /** Bytes of the frame that is being sent in parts and of those behind it. */
  get queuedBytes(): number {
    return this.queued;
  }

  /** False where the frame, or a part of it, was refused at once: then it has not arrived whole and never will. */
  send(frame: Uint8Array): boolean {
    if (this.queue.length === 0 && frame.length <= this.maxFrameBytes) return this.transmit(frame, frame);
    if (this.queue.length > 0 && this.queued + frame.length > BOUNDS.maxLinkQueueBytes) return false;
    this.queue.push(frame);
    this.queued += frame.length;
    return this.pump() !== frame;
  }

  onAck(incarnation: number, messageId: number, index: number): void {
    if (incarnation !== this.incarnation || messageId !== this.messageId || this.current === undefined) return;
    if (index < this.acknowledged || index >= this.nextIndex) return;
    this.acknowledged = index + 1;
    this.progress++;
    this.pump();
  }

  /** Gives up the message under way when it has made no progress for `patienceMs`. To be called now and then. */
  tick(nowMs: number, patienceMs: number): void {
    if (this.current === undefined || this.progress !== this.seenProgress) {
      this.seenProgress = this.progress;
      this.seenAtMs = nowMs;
    } else if (nowMs - this.seenAtMs >= patienceMs) this.giveUp();
  }

  /** Gives up `frame` where it is the message under way: not all of it can arrive. */
  abandon(frame: Uint8Array): void {
    if (this.current === frame) this.giveUp();
  }

  /** Gives up everything, after the link was lost; answers the frames of which something had not been sent yet. */
  reset(): readonly Uint8Array[] {
    const isCurrentSent = this.current !== undefined && this.nextIndex === this.partCount();
    const unsent = this.queue.splice(0);
    if (isCurrentSent) unsent.shift();
    this.queued = 0;
    this.current = undefined;
    return unsent;
  }

  private giveUp(): void {
    this.dequeue();
    this.pump();
  }

  /** Sends what may be sent; answers the last frame that the bus refused. */
  private pump(): Uint8Array | undefined {
    let refused: Uint8Array | undefined;
    for (;;) {
      const next = this.queue[0];
      if (next === undefined) return refused;
      if (this.current === undefined && next.length > this.maxFrameBytes) this.begin(next);
      const isTaken = this.current === undefined ? this.transmit(next, next) : this.sendParts(next);
      if (!isTaken) refused = next;
      else if (this.current !== undefined && this.acknowledged < this.partCount()) return refused;
      this.dequeue();
    }
  }

  private begin(message: Uint8Array): void {
    this.current = message;
    this.messageId = (this.messageId + 1) >>> 0;
    this.nextIndex = 0;
    this.acknowledged = 0;
    this.progress++;
  }

  private sendParts(message: Uint8Array): boolean {
    const count = this.partCount();
    while (this.nextIndex < count && this.nextIndex - this.acknowledged < PART_WINDOW) {
      if (!this.transmit(this.encodePart(this.nextIndex, count), message)) return false;
      this.nextIndex++;
    }
    return true;
  }

  private dequeue(): void {
    const done = this.queue.shift();
    if (done !== undefined) this.queued -= done.length;
    this.current = undefined;
  }

  private partBytes(): number {
    return Math.min(BOUNDS.partBytes, this.maxFrameBytes - PART_HEADER_BYTES);
  }

  private partCount(): number {
    return Math.ceil((this.current?.length ?? 0) / this.partBytes());
  }

  private encodePart(index: number, count: number): Uint8Array {
    const message = this.current as Uint8Array;
    const start = index * this.partBytes();
    const end = Math.min(start + this.partBytes(), message.length);
    const part = new Uint8Array(PART_HEADER_BYTES + end - start);
    const view = new DataView(part.buffer);
    writeFrameHeader(part, FRAME_TYPES.PART, part.length);
    view.setUint32(FRAME_HEADER_BYTES, this.incarnation, true);
    view.setUint32(FRAME_HEADER_BYTES + 4, this.messageId, true);
    view.setUint32(FRAME_HEADER_BYTES + 8, index, true);
    view.setUint32(FRAME_HEADER_BYTES + 12, count, true);
    view.setUint32(FRAME_HEADER_BYTES + 16, message.length, true);
    view.setUint32(FRAME_HEADER_BYTES + 20, crc32(message, start, end - start), true);
    part.set(message.subarray(start, end), PART_HEADER_BYTES);
    return part;
  }
}

/** The acknowledgement of a received PART frame. */
export function encodePartAck(part: Uint8Array): Uint8Array {
  if (part.length < PART_HEADER_BYTES) throw new DecodeError('part is truncated');
  const ack = new Uint8Array(PART_ACK_BYTES);
  writeFrameHeader(ack, FRAME_TYPES.PART_ACK, PART_ACK_BYTES);
  ack.set(part.subarray(FRAME_HEADER_BYTES, FRAME_HEADER_BYTES + 12), FRAME_HEADER_BYTES);
  return ack;
}

export interface PartAck {
  readonly incarnation: number;
  readonly messageId: number;
  readonly index: number;
}

export function decodePartAck(ack: Uint8Array): PartAck {
  if (ack.length !== PART_ACK_BYTES) throw new DecodeError('part acknowledgement has a wrong length');
  const view = new DataView(ack.buffer, ack.byteOffset, ack.byteLength);
  return {
    incarnation: view.getUint32(FRAME_HEADER_BYTES, true),
    messageId: view.getUint32(FRAME_HEADER_BYTES + 4, true),
    index: view.getUint32(FRAME_HEADER_BYTES + 8, true),
  };
}
