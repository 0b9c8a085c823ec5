import { assert, ByteWriter, latin1Bytes } from '#libs/kernel';
import { FRAME_HEADER_BYTES, isSubjectToken, writeFrameHeader } from '#libs/wire';
import { OWNERSHIP_BOUNDS } from './bounds.js';
import { MESSAGE_FRAMES } from './message-format.js';
import { OWNERSHIP_VERSION, type OwnershipMessage } from './messages.js';

/** The message as a frame of its own. */
export function encodeOwnership(message: OwnershipMessage): Uint8Array {
  const { type, from, records } = message;
  assert(isSubjectToken(from), `node id ${JSON.stringify(from)}: use 1 to 64 letters, digits, "-" and "_"`);
  assert(
    records.length > 0 && records.length <= OWNERSHIP_BOUNDS.maxFrameRecords,
    `${records.length} records, 1 to ${OWNERSHIP_BOUNDS.maxFrameRecords} are allowed`,
  );
  const writer = new ByteWriter();
  writer.length = FRAME_HEADER_BYTES;
  writer.u8(OWNERSHIP_VERSION);
  writer.u8(from.length);
  writer.bytes(latin1Bytes(from));
  if (message.type === 'renew' || message.type === 'granted') writer.u32(message.round);
  writer.u16(records.length);
  writeRecords(writer, message);
  writeFrameHeader(writer.buffer, MESSAGE_FRAMES[type], writer.length);
  return writer.toBytes();
}

function writeRecords(writer: ByteWriter, message: OwnershipMessage): void {
  for (const { partition, epoch } of message.type === 'seal' || message.type === 'renew' ? message.records : []) {
    writer.u16(partition);
    writer.u32(epoch);
  }
  for (const { partition, epoch, sealedEpoch } of message.type === 'granted' ? message.records : []) {
    writer.u16(partition);
    writer.u32(epoch);
    writer.u32(sealedEpoch);
  }
  for (const { partition, epoch, sealedEpoch, last } of message.type === 'sealed' ? message.records : []) {
    writer.u16(partition);
    writer.u32(epoch);
    writer.u32(sealedEpoch);
    writer.u32(last.epoch);
    writer.u53(last.sequence);
  }
}
