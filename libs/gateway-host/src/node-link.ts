import { BOUNDS, ByteWriter, DecodeError } from '#libs/kernel';
import type { Bus } from '#libs/ports';
import {
  beginOperationsFrame,
  decodePartAck,
  encodePartAck,
  finishOperationsFrame,
  FRAME_HEADER_BYTES,
  FRAME_TYPES,
  type FrameSlab,
  PartAssembler,
  PartSender,
  readFrameType,
} from '#libs/wire';

/** Stands in reply subjects of messages that belong to no frame of operations. */
const NO_FRAME = 0;

/** A frame that is being filled or has operations without an answer. Its bytes are kept for retries until all have one. */
export interface InFlightFrame {
  readonly link: NodeLink;
  sequence: number;
  /** Undefined while the frame is still in the link's writer. */
  bytes: Uint8Array | undefined;
  /** Operations without an answer. */
  remaining: number;
  /** One of them was given up: the bus may still hold the bytes. */
  isLost: boolean;
}

/**
 * The way to one storage node: collects the operations of a turn into one frame, numbers frames so that the node drops
 * what comes twice or late, and counts unanswered bytes against its credit.
 */
export class NodeLink {
  readonly writer = new ByteWriter(64 * 1024);
  /** Operations in the frame that is being filled. */
  pending = 0;
  current: InFlightFrame;
  inFlightBytes = 0;
  isDirty = false;
  readonly frames = new Map<number, InFlightFrame>();
  private sequence = 0;
  private readonly sender: PartSender;
  private readonly assembler = new PartAssembler(BOUNDS.maxAssemblyBytes);

  constructor(
    readonly nodeId: string,
    /** Drawn at random: a node that remembers an earlier link of this gateway starts afresh. */
    readonly incarnation: number,
    private readonly bus: Bus,
    private readonly subject: string,
    /** Subject of replies up to the last token, which names the frame. */
    private readonly replyPrefix: string,
    private readonly slab: FrameSlab,
    maxFrameBytes: number,
  ) {
    this.sender = new PartSender(incarnation, maxFrameBytes, (message, frame) =>
      this.transmit(message, readU32(frame, FRAME_HEADER_BYTES + 4)),
    );
    this.current = this.newFrame();
    beginOperationsFrame(this.writer);
  }

  /** Sends what has been collected; answers the frame where the bus refused it: none of its operations was executed. */
  flush(tableVersion: number): InFlightFrame | undefined {
    const frame = this.current;
    this.sequence = (this.sequence + 1) >>> 0 || 1;
    frame.sequence = this.sequence;
    finishOperationsFrame(this.writer, this.incarnation, frame.sequence, tableVersion, this.pending);
    const bytes = this.slab.copy(this.writer.buffer, this.writer.length);
    frame.bytes = bytes;
    this.inFlightBytes += bytes.length;
    this.frames.set(frame.sequence, frame);
    this.current = this.newFrame();
    this.pending = 0;
    beginOperationsFrame(this.writer);
    return this.sender.send(bytes) ? undefined : frame;
  }

  /** One of a frame's operations has been answered or given up. */
  settle(frame: InFlightFrame): void {
    if (--frame.remaining > 0 || frame.bytes === undefined) return;
    this.inFlightBytes -= frame.bytes.length;
    this.frames.delete(frame.sequence);
    if (!frame.isLost) this.slab.giveBack(frame.bytes);
  }

  /** A message from the node: answers a whole frame of replies where it is or completes one. */
  receive(message: Uint8Array): Uint8Array | undefined {
    const type = readFrameType(message);
    if (type === FRAME_TYPES.REPLIES) return message;
    if (type === FRAME_TYPES.PART) {
      const whole = this.assembler.accept(message);
      this.transmit(encodePartAck(message), NO_FRAME);
      if (whole !== undefined && readFrameType(whole) !== FRAME_TYPES.REPLIES)
        throw new DecodeError('parts of another frame type');
      return whole;
    }
    if (type !== FRAME_TYPES.PART_ACK) throw new DecodeError(`unexpected frame type ${type}`);
    const { incarnation, messageId, index } = decodePartAck(message);
    this.sender.onAck(incarnation, messageId, index);
    return undefined;
  }

  /** The frame under way in parts does not arrive: what waits behind it goes on. */
  abandon(frame: InFlightFrame): void {
    if (frame.bytes !== undefined) this.sender.abandon(frame.bytes);
  }

  /** After the connection was lost: forgets what waits to be sent, and answers the frames that never left whole. */
  abandonBacklog(): readonly InFlightFrame[] {
    const unsent = new Set(this.sender.reset());
    return [...this.frames.values()].filter((frame) => frame.bytes !== undefined && unsent.has(frame.bytes));
  }

  /** Gives up a large message whose acknowledgements do not come. */
  tick(nowMs: number): void {
    this.sender.tick(nowMs, BOUNDS.partAckMs);
  }

  private newFrame(): InFlightFrame {
    return { link: this, sequence: 0, bytes: undefined, remaining: 0, isLost: false };
  }

  /** A "no responders" notice tells which frame it is about by the last token of its subject. */
  private transmit(message: Uint8Array, sequence: number): boolean {
    return this.bus.publish(this.subject, message, { replyTo: this.replyPrefix + sequence });
  }
}

function readU32(bytes: Uint8Array, at: number): number {
  return (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> 0;
}
