import { BOUNDS, crc32, DecodeError } from '#libs/kernel';
import { FRAME_HEADER_BYTES, FRAME_TYPES, writeFrameHeader } from './frame.js';

/**
 * PART frames carry a frame that is larger than one bus message, a few at a time: the receiver acknowledges each, and
 * the sender keeps at most {@link PART_WINDOW} unacknowledged, so that a large value never floods the bus.
 *
 * PART payload: sender's incarnation u32, message id u32, index u32, part count u32, message bytes u32, CRC-32 of the
 * data u32, data. PART_ACK payload: incarnation u32, message id u32, index u32.
 */
export const PART_WINDOW = 4;
const PART_HEADER_BYTES = FRAME_HEADER_BYTES + 24;
const PART_ACK_BYTES = FRAME_HEADER_BYTES + 12;

/** Sends frames in order; those above `maxFrameBytes` in parts. Later frames wait behind unfinished parts. */
export class PartSender {
  private readonly queue: Uint8Array[] = [];
  private current: Uint8Array | undefined;
  private messageId = 0;
  private nextIndex = 0;
  private acknowledged = 0;
  private queued = 0;

  constructor(
    private readonly incarnation: number,
    private readonly maxFrameBytes: number,
    private readonly transmit: (message: Uint8Array) => boolean,
  ) {}

  /** Bytes that wait behind an unfinished large message. */
  get queuedBytes(): number {
    return this.queued;
  }

  /** False where the bus refused a frame that was sent at once; a refused part ends its whole message. */
  send(frame: Uint8Array): boolean {
    if (this.current === undefined && frame.length <= this.maxFrameBytes) return this.transmit(frame);
    this.queue.push(frame);
    this.queued += frame.length;
    return this.pump();
  }

  onAck(incarnation: number, messageId: number, index: number): void {
    if (incarnation !== this.incarnation || messageId !== this.messageId || this.current === undefined) return;
    if (index >= this.acknowledged && index < this.nextIndex) this.acknowledged = index + 1;
    this.pump();
  }

  /** Gives up the message under way and everything behind it, after the link was lost. */
  reset(): void {
    this.queue.length = 0;
    this.queued = 0;
    this.current = undefined;
  }

  private pump(): boolean {
    for (;;) {
      if (this.current === undefined) {
        const next = this.queue[0];
        if (next === undefined) return true;
        if (next.length <= this.maxFrameBytes) {
          this.dequeue();
          if (!this.transmit(next)) return false;
          continue;
        }
        this.begin(next);
      }
      if (!this.sendParts()) return this.abandon();
      if (this.acknowledged < this.partCount()) return true;
      this.dequeue();
      this.current = undefined;
    }
  }

  private begin(message: Uint8Array): void {
    this.current = message;
    this.messageId = (this.messageId + 1) >>> 0;
    this.nextIndex = 0;
    this.acknowledged = 0;
  }

  private sendParts(): boolean {
    const count = this.partCount();
    while (this.nextIndex < count && this.nextIndex - this.acknowledged < PART_WINDOW) {
      if (!this.transmit(this.encodePart(this.nextIndex, count))) return false;
      this.nextIndex++;
    }
    return true;
  }

  private abandon(): boolean {
    this.dequeue();
    this.current = undefined;
    return false;
  }

  private dequeue(): void {
    const done = this.queue.shift();
    if (done !== undefined) this.queued -= done.length;
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

/**
 * Puts one message at a time together. Memory grows only as bytes really arrive; a gap, a wrong CRC or a new message id
 * drops what was there.
 */
export class PartAssembler {
  private incarnation = 0;
  private messageId = 0;
  private nextIndex = 0;
  private partCount = 0;
  private messageBytes = 0;
  private received = 0;
  private chunks: Uint8Array[] = [];

  constructor(private readonly maxMessageBytes: number) {}

  /** The whole message when this part was its last; the part must be a checked frame of type PART. */
  accept(part: Uint8Array): Uint8Array | undefined {
    if (part.length < PART_HEADER_BYTES) throw new DecodeError('part is truncated');
    const view = new DataView(part.buffer, part.byteOffset, part.byteLength);
    const index = view.getUint32(FRAME_HEADER_BYTES + 8, true);
    if (index === 0) this.begin(view);
    if (!this.continues(view, index)) {
      this.drop();
      return undefined;
    }
    const data = part.slice(PART_HEADER_BYTES);
    if (crc32(data) !== view.getUint32(FRAME_HEADER_BYTES + 20, true)) throw new DecodeError('part has a wrong CRC');
    this.received += data.length;
    if (this.received > this.messageBytes) throw new DecodeError('parts exceed their message');
    this.chunks.push(data);
    this.nextIndex++;
    return this.nextIndex === this.partCount ? this.finish() : undefined;
  }

  private begin(view: DataView): void {
    this.drop();
    const messageBytes = view.getUint32(FRAME_HEADER_BYTES + 16, true);
    if (messageBytes > this.maxMessageBytes) throw new DecodeError(`message of ${messageBytes} bytes is too large`);
    this.incarnation = view.getUint32(FRAME_HEADER_BYTES, true);
    this.messageId = view.getUint32(FRAME_HEADER_BYTES + 4, true);
    this.partCount = view.getUint32(FRAME_HEADER_BYTES + 12, true);
    this.messageBytes = messageBytes;
  }

  private continues(view: DataView, index: number): boolean {
    return (
      index === this.nextIndex &&
      index < this.partCount &&
      view.getUint32(FRAME_HEADER_BYTES, true) === this.incarnation &&
      view.getUint32(FRAME_HEADER_BYTES + 4, true) === this.messageId
    );
  }

  private finish(): Uint8Array {
    if (this.received !== this.messageBytes) throw new DecodeError('parts fall short of their message');
    const message = new Uint8Array(this.messageBytes);
    let at = 0;
    for (const chunk of this.chunks) {
      message.set(chunk, at);
      at += chunk.length;
    }
    this.drop();
    return message;
  }

  private drop(): void {
    this.chunks = [];
    this.received = 0;
    this.nextIndex = 0;
    this.partCount = 0;
    this.messageBytes = 0;
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
