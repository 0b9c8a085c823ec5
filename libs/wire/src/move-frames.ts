import { ByteReader, type ByteWriter, DecodeError } from '#libs/kernel';
import { FRAME_HEADER_BYTES, FRAME_TYPES, writeFrameHeader } from './frame.js';

/**
 * MOVE: a partition's entries on their way from its primary to the next one, one chunk at a time, each acknowledged.
 *
 * MOVE payload: kind u8, partition u16, epoch u32 (of the source's ownership), token u32 (the table version that began the move), index u32, then for
 * `records` event records, and for `end` the shards' sequences: count u16, then per store id u16, sequence 64 bits.
 * MOVE_ACK payload: partition u16, epoch u32, token u32, index u32, accepted u8, incarnation 64 bits (of the process
 * that took the frame: a later process under the same node id has none of the entries).
 */
export const MOVE_KINDS = { begin: 1, records: 2, end: 3 } as const;

export const MOVE_HEADER_BYTES = FRAME_HEADER_BYTES + 15;

export interface MoveHeader {
  readonly kind: number;
  readonly partition: number;
  readonly epoch: number;
  readonly token: number;
  readonly index: number;
}

export interface MoveAck extends Omit<MoveHeader, 'kind'> {
  readonly accepted: boolean;
  /** The process that answers. */
  readonly incarnation: number;
}

/** Begins a MOVE frame in an empty writer; its content follows, then {@link finishMoveFrame}. */
export function beginMoveFrame(writer: ByteWriter, header: MoveHeader): void {
  writer.reset();
  writer.reserve(FRAME_HEADER_BYTES);
  writer.length = FRAME_HEADER_BYTES;
  writer.u8(header.kind);
  writer.u16(header.partition);
  writer.u32(header.epoch);
  writer.u32(header.token);
  writer.u32(header.index);
}

export function finishMoveFrame(writer: ByteWriter): Uint8Array {
  writeFrameHeader(writer.buffer, FRAME_TYPES.MOVE, writer.length);
  return writer.toBytes();
}

export function readMoveHeader(frame: Uint8Array): MoveHeader {
  const reader = new ByteReader(frame, FRAME_HEADER_BYTES);
  const header = {
    kind: reader.u8(),
    partition: reader.u16(),
    epoch: reader.u32(),
    token: reader.u32(),
    index: reader.u32(),
  };
  if (header.kind < MOVE_KINDS.begin || header.kind > MOVE_KINDS.end)
    throw new DecodeError('unknown kind of move frame');
  return header;
}

/** The sequences at the end of a move, by store id. */
export function readMoveEnd(frame: Uint8Array): Map<number, number> {
  const reader = new ByteReader(frame, MOVE_HEADER_BYTES);
  const sequences = new Map<number, number>();
  for (let rest = reader.u16(); rest > 0; rest--) {
    const storeId = reader.u16();
    sequences.set(storeId, reader.u53());
  }
  return sequences;
}

export function encodeMoveAck(writer: ByteWriter, ack: MoveAck): Uint8Array {
  writer.reset();
  writer.reserve(FRAME_HEADER_BYTES);
  writer.length = FRAME_HEADER_BYTES;
  writer.u16(ack.partition);
  writer.u32(ack.epoch);
  writer.u32(ack.token);
  writer.u32(ack.index);
  writer.u8(ack.accepted ? 1 : 0);
  writer.u53(ack.incarnation);
  writeFrameHeader(writer.buffer, FRAME_TYPES.MOVE_ACK, writer.length);
  return writer.toBytes();
}

export function decodeMoveAck(frame: Uint8Array): MoveAck {
  const reader = new ByteReader(frame, FRAME_HEADER_BYTES);
  return {
    partition: reader.u16(),
    epoch: reader.u32(),
    token: reader.u32(),
    index: reader.u32(),
    accepted: reader.u8() === 1,
    incarnation: reader.u53(),
  };
}
