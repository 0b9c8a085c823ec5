import { assert, assertNever, ByteWriter, latin1Bytes } from '#libs/kernel';
import { FRAME_HEADER_BYTES, isSubjectToken, writeFrameHeader } from '#libs/wire';
import { writeConfiguration } from './configuration.js';
import { totalEntryBytes, type Entry } from './entry.js';
import { MESSAGE_KINDS, MESSAGE_VERSION, REJECTED, VOTE_FLAGS } from './message-format.js';
import type { Append, Message, SnapshotChunk, VoteReply, VoteRequest } from './messages.js';

/** Room for all but the payload: headers, ids, numbers, a configuration. */
const ENVELOPE_BYTES = 512;

/** The message as a frame of its own. `clusterId` is a token as in bus subjects. */
export function encodeMessage(clusterId: string, message: Message): Uint8Array {
  assert(
    isSubjectToken(clusterId),
    `cluster id ${JSON.stringify(clusterId)}: use 1 to 64 letters, digits, "-" and "_"`,
  );
  const { frame, kind } = MESSAGE_KINDS[message.type];
  const writer = new ByteWriter(ENVELOPE_BYTES + payloadBytes(message));
  writer.length = FRAME_HEADER_BYTES;
  writer.u8(MESSAGE_VERSION);
  writer.u8(kind);
  writer.u8(clusterId.length);
  writer.bytes(latin1Bytes(clusterId));
  writer.u32(message.from);
  writer.u32(message.to);
  writer.u53(message.term);
  writeBody(writer, message);
  writeFrameHeader(writer.buffer, frame, writer.length);
  return writer.written();
}

/** At least what a message has besides its envelope, so that the writer need not grow. */
function payloadBytes(message: Message): number {
  if (message.type === 'append') return totalEntryBytes(message.entries);
  return message.type === 'snapshot' ? message.data.length : 0;
}

function writeBody(writer: ByteWriter, message: Message): void {
  switch (message.type) {
    case 'vote-request':
      return writeVoteRequest(writer, message);
    case 'vote-reply':
      return writer.u8(voteReplyFlags(message));
    case 'timeout-now':
      return;
    case 'append':
      return writeAppend(writer, message);
    case 'append-reply':
      writer.u8(message.rejected ? REJECTED : 0);
      return writeNumbers(writer, message.index, message.hintIndex, message.hintTerm);
    case 'heartbeat':
      return writeNumbers(writer, message.commit, message.round, message.tick);
    case 'heartbeat-reply':
      return writeNumbers(writer, message.round, message.tick);
    case 'snapshot':
      return writeChunk(writer, message);
    case 'snapshot-reply':
      writer.u53(message.index);
      writer.u32(message.checksum);
      return writer.u32(message.nextOffset);
    default:
      return assertNever(message);
  }
}

function writeNumbers(writer: ByteWriter, ...numbers: readonly number[]): void {
  for (const number of numbers) writer.u53(number);
}

function writeVoteRequest(writer: ByteWriter, { pre, transfer, lastIndex, lastTerm }: VoteRequest): void {
  writer.u8((pre ? VOTE_FLAGS.PRE : 0) | (transfer ? VOTE_FLAGS.TRANSFER : 0));
  writeNumbers(writer, lastIndex, lastTerm);
}

function voteReplyFlags({ pre, granted }: VoteReply): number {
  return (pre ? VOTE_FLAGS.PRE : 0) | (granted ? VOTE_FLAGS.GRANTED : 0);
}

function writeAppend(writer: ByteWriter, { prevIndex, prevTerm, commit, entries }: Append): void {
  writeNumbers(writer, prevIndex, prevTerm, commit);
  writer.u16(entries.length);
  for (const entry of entries) writeEntry(writer, entry);
}

function writeEntry(writer: ByteWriter, { term, type, version, data }: Entry): void {
  writer.u53(term);
  writer.u8(type);
  writer.u8(version);
  writer.u32(data.length);
  writer.bytes(data);
}

function writeChunk(writer: ByteWriter, { head, offset, data }: SnapshotChunk): void {
  writeNumbers(writer, head.index, head.term);
  writer.u32(head.totalBytes);
  writer.u32(head.checksum);
  writeConfiguration(writer, head.configuration);
  writer.u32(offset);
  writer.u32(data.length);
  writer.bytes(data);
}
