/**
 * What stands between the changes of a turn and the replies that tell of them: a log, or nothing where a node keeps nothing.
 * The host hands replies over as they are made, and the turn's events at its end; replies leave once the log has the events.
 */
import type { EventBatch } from '#libs/events';
import type { ErrorCode } from '#libs/kernel';

/** Where a finished frame goes: a gateway's link, or another node. */
export interface FrameTarget {
  send(frame: Uint8Array): unknown;
}

export interface Durability {
  /** Why writes are refused just now. */
  readonly refusal: ErrorCode | undefined;
  /** Whether so much waits to be durable that nothing more is taken in. */
  readonly isFull: boolean;
  /** A frame of replies to a gateway, whose operations are told where the log fails. */
  reply(target: FrameTarget, frame: Uint8Array): void;
  /** Another frame that promises something; it stays away where the log fails. */
  acknowledge(target: FrameTarget, frame: Uint8Array): void;
  /** The end of a turn: all frames since the last one tell of these events, and of none after them. */
  record(events: EventBatch): void;
}

/** Nothing is kept, so nothing is waited for. */
export const NO_LOG: Durability = {
  refusal: undefined,
  isFull: false,
  reply: (target, frame) => target.send(frame),
  acknowledge: (target, frame) => target.send(frame),
  record: () => undefined,
};
