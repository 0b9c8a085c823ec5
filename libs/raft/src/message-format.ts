/**
 * How messages look as bytes: a frame (libs/wire) whose payload begins with format version u8, kind u8, cluster id
 * (length u8, ASCII), sender u32, receiver u32, term u64, followed by the kind's fields. All numbers are little-endian
 * and unsigned. The numbers here are part of the protocol.
 */
import { FRAME_TYPES } from '#libs/wire';
import type { MessageType } from './messages.js';

export const MESSAGE_VERSION = 1;

export const MESSAGE_KINDS: Readonly<Record<MessageType, { readonly frame: number; readonly kind: number }>> = {
  heartbeat: { frame: FRAME_TYPES.HEARTBEAT, kind: 1 },
  'heartbeat-reply': { frame: FRAME_TYPES.HEARTBEAT, kind: 2 },
  'vote-request': { frame: FRAME_TYPES.ELECTION, kind: 1 },
  'vote-reply': { frame: FRAME_TYPES.ELECTION, kind: 2 },
  'timeout-now': { frame: FRAME_TYPES.ELECTION, kind: 3 },
  append: { frame: FRAME_TYPES.APPEND, kind: 1 },
  'append-reply': { frame: FRAME_TYPES.APPEND, kind: 2 },
  snapshot: { frame: FRAME_TYPES.SNAPSHOT, kind: 1 },
  'snapshot-reply': { frame: FRAME_TYPES.SNAPSHOT, kind: 2 },
};

/** Bits of the flags of votes. */
export const VOTE_FLAGS = { PRE: 1, TRANSFER: 2, GRANTED: 4 } as const;
/** Bit of the flags of an AppendReply. */
export const REJECTED = 1;
