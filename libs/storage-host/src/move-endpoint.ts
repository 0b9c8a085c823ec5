import { BOUNDS, DecodeError } from '#libs/kernel';
import type { Bus, BusMessage } from '#libs/ports';
import { decodeMoveAck, decodePartAck, encodePartAck, FRAME_TYPES, PartAssemblers, readFrameType } from '#libs/wire';
import type { MoveSource } from './move-source.js';
import type { MoveTarget } from './move-target.js';
import type { FrameTarget } from './persistence/durability.js';

/** Takes what other storage nodes send about partition copies: chunks for this node, and acknowledgements of its own. */
export class MoveEndpoint {
  private readonly assemblers = new PartAssemblers(BOUNDS.maxAssemblyBytes, BOUNDS.maxAssemblies);

  constructor(
    private readonly bus: Bus,
    private readonly source: MoveSource,
    private readonly target: () => MoveTarget,
    /** Sends what says that a part of a copy is here, as soon as it is here for good. */
    private readonly acknowledge: (target: FrameTarget, frame: Uint8Array) => void,
  ) {}

  /** Throws DecodeError on what is malformed. */
  onMessage({ payload, replyTo, noResponders }: BusMessage): void {
    if (noResponders) return;
    const type = readFrameType(payload);
    if (type === FRAME_TYPES.MOVE_ACK) return this.source.onAck(decodeMoveAck(payload));
    if (type === FRAME_TYPES.PART_ACK) {
      const { incarnation, messageId, index } = decodePartAck(payload);
      return this.source.onPartAck(incarnation, messageId, index);
    }
    if (replyTo === undefined) throw new DecodeError('a move needs a reply subject');
    if (type === FRAME_TYPES.MOVE) return this.answer(replyTo, payload);
    if (type !== FRAME_TYPES.PART) throw new DecodeError(`unexpected frame type ${type}`);
    this.bus.publish(replyTo, encodePartAck(payload));
    const whole = this.assemblers.accept(payload);
    if (whole !== undefined && readFrameType(whole) === FRAME_TYPES.MOVE) this.answer(replyTo, whole);
  }

  private answer(replyTo: string, frame: Uint8Array): void {
    const source = { send: (answer: Uint8Array) => this.bus.publish(replyTo, answer) };
    this.acknowledge(source, this.target().onFrame(frame));
  }
}
