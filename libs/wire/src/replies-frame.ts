import { ByteWriter, DecodeError } from '#libs/kernel';
import { FRAME_HEADER_BYTES, FRAME_TYPES, writeFrameHeader } from './frame.js';

/**
 * REPLIES: what a storage node answers, many replies per frame, as finished RESP bytes.
 *
 * Payload: link incarnation u32 (the gateway's, echoed), sender's table version u32, count u32, then `count` records:
 * record length u32 (these 9 bytes included), operation id u32, status u8, RESP bytes.
 */
export const REPLY_STATUS = {
  /** The operation was executed; the reply is its outcome. */
  executed: 0,
  /** Not executed: this node is not the primary under that epoch, or the route generation was fenced. */
  stale: 1,
  /** Not executed: the partition is moving; the same route may serve it soon. */
  moving: 2,
} as const;

export const REPLIES_HEADER_BYTES = FRAME_HEADER_BYTES + 12;
export const REPLY_HEADER_BYTES = 9;

export function beginRepliesFrame(writer: ByteWriter): void {
  writer.reset();
  writer.reserve(REPLIES_HEADER_BYTES);
  writer.length = REPLIES_HEADER_BYTES;
}

/** Reserves a record's header; write the RESP bytes after it, then {@link endReply}. */
export function beginReply(writer: ByteWriter): number {
  const at = writer.length;
  writer.reserve(REPLY_HEADER_BYTES);
  writer.length = at + REPLY_HEADER_BYTES;
  return at;
}

export function endReply(writer: ByteWriter, at: number, operationId: number, status: number): void {
  writer.view.setUint32(at, writer.length - at, true);
  writer.view.setUint32(at + 4, operationId, true);
  writer.buffer[at + 8] = status;
}

export function finishRepliesFrame(writer: ByteWriter, incarnation: number, tableVersion: number, count: number): void {
  writeFrameHeader(writer.buffer, FRAME_TYPES.REPLIES, writer.length);
  writer.view.setUint32(FRAME_HEADER_BYTES, incarnation, true);
  writer.view.setUint32(FRAME_HEADER_BYTES + 4, tableVersion, true);
  writer.view.setUint32(FRAME_HEADER_BYTES + 8, count, true);
}

/** Walks the records of a received frame without allocating. */
export class RepliesReader {
  buffer: Uint8Array = EMPTY;
  incarnation = 0;
  tableVersion = 0;
  remaining = 0;

  operationId = 0;
  status = 0;
  replyOffset = 0;
  replyLength = 0;

  private view: DataView = new DataView(EMPTY.buffer);
  private next = 0;

  open(frame: Uint8Array): void {
    if (frame.length < REPLIES_HEADER_BYTES) throw new DecodeError('replies frame is truncated');
    this.buffer = frame;
    this.view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
    this.incarnation = this.view.getUint32(FRAME_HEADER_BYTES, true);
    this.tableVersion = this.view.getUint32(FRAME_HEADER_BYTES + 4, true);
    this.remaining = this.view.getUint32(FRAME_HEADER_BYTES + 8, true);
    this.next = REPLIES_HEADER_BYTES;
  }

  advance(): boolean {
    if (this.remaining === 0) {
      if (this.next !== this.buffer.length) throw new DecodeError('bytes after the last reply');
      return false;
    }
    this.remaining--;
    const at = this.next;
    if (at + REPLY_HEADER_BYTES > this.buffer.length) throw new DecodeError('reply is truncated');
    const length = this.view.getUint32(at, true);
    if (length < REPLY_HEADER_BYTES || at + length > this.buffer.length) throw new DecodeError('reply length is wrong');
    this.operationId = this.view.getUint32(at + 4, true);
    this.status = this.buffer[at + 8];
    this.replyOffset = at + REPLY_HEADER_BYTES;
    this.replyLength = length - REPLY_HEADER_BYTES;
    this.next = at + length;
    return true;
  }
}

const EMPTY = new Uint8Array(0);
