import { DecodeError } from '#libs/kernel';

/**
 * The envelope of every binary bus message: magic `HYPC` (4 bytes), version (1), type (1), payload length (4,
 * little-endian), payload. One bus message holds one frame.
 */
export const FRAME_HEADER_BYTES = 10;
export const FRAME_VERSION = 1;

/** Numbers are part of the protocol; 0x04 belongs to replication, 0x05–0x08 to Raft, 0x16–0x19 to ownership. */
export const FRAME_TYPES = {
  REPLICATE: 0x04,
  HEARTBEAT: 0x05,
  ELECTION: 0x06,
  APPEND: 0x07,
  SNAPSHOT: 0x08,
  OPERATIONS: 0x10,
  REPLIES: 0x11,
  PART: 0x12,
  PART_ACK: 0x13,
  MOVE: 0x14,
  MOVE_ACK: 0x15,
  SEAL: 0x16,
  SEALED: 0x17,
  RENEW: 0x18,
  GRANTED: 0x19,
} as const;

export type FrameTypeName = keyof typeof FRAME_TYPES;

const MAGIC_H = 0x48;
const MAGIC_Y = 0x59;
const MAGIC_P = 0x50;
const MAGIC_C = 0x43;

/** Writes the envelope of a frame of `totalBytes` (header included) at the start of `buffer`. */
export function writeFrameHeader(buffer: Uint8Array, type: number, totalBytes: number): void {
  const payloadBytes = totalBytes - FRAME_HEADER_BYTES;
  buffer[0] = MAGIC_H;
  buffer[1] = MAGIC_Y;
  buffer[2] = MAGIC_P;
  buffer[3] = MAGIC_C;
  buffer[4] = FRAME_VERSION;
  buffer[5] = type;
  buffer[6] = payloadBytes & 0xff;
  buffer[7] = (payloadBytes >>> 8) & 0xff;
  buffer[8] = (payloadBytes >>> 16) & 0xff;
  buffer[9] = payloadBytes >>> 24;
}

/** The type of a well-formed frame that fills `message` exactly. */
export function readFrameType(message: Uint8Array): number {
  if (message.length < FRAME_HEADER_BYTES) throw new DecodeError('frame shorter than its header');
  if (message[0] !== MAGIC_H || message[1] !== MAGIC_Y || message[2] !== MAGIC_P || message[3] !== MAGIC_C) {
    throw new DecodeError('frame without the magic HYPC');
  }
  if (message[4] !== FRAME_VERSION) throw new DecodeError(`frame of unknown version ${message[4]}`);
  const payloadBytes = (message[6] | (message[7] << 8) | (message[8] << 16) | (message[9] << 24)) >>> 0;
  if (payloadBytes !== message.length - FRAME_HEADER_BYTES) throw new DecodeError('frame length does not match');
  return message[5];
}
