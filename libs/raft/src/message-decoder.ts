/** Messages from bytes that anybody may have sent: what is not well-formed in every field gives a DecodeError. */
import { ByteReader, DecodeError, latin1Text } from '#libs/kernel';
import { FRAME_HEADER_BYTES, isSubjectToken, readFrameType } from '#libs/wire';
import { RAFT_BOUNDS } from './bounds.js';
import { CONFIGURATION_VERSION, decodeConfiguration, NOBODY, readConfiguration, type NodeId } from './configuration.js';
import { ENTRY_TYPES, type Entry, type EntryType } from './entry.js';
import { MESSAGE_KINDS, MESSAGE_VERSION, REJECTED, VOTE_FLAGS } from './message-format.js';
import type { Append, Message, MessageType, SnapshotChunk, SnapshotReply, VoteReply, VoteRequest } from './messages.js';

export interface ReceivedMessage {
  readonly clusterId: string;
  readonly message: Message;
}

export type AddressFault = 'other-cluster' | 'other-member';

/** Why a message is not for this member; undefined where it is. The caller drops and counts those that are not. */
export function addressFault(received: ReceivedMessage, clusterId: string, id: NodeId): AddressFault | undefined {
  if (received.clusterId !== clusterId) return 'other-cluster';
  return received.message.to === id ? undefined : 'other-member';
}

interface Envelope {
  readonly from: NodeId;
  readonly to: NodeId;
  readonly term: number;
}

type BodyReader = (reader: ByteReader, envelope: Envelope) => Message;

const BODIES: Readonly<Record<MessageType, BodyReader>> = {
  'vote-request': readVoteRequest,
  'vote-reply': readVoteReply,
  'timeout-now': (_, envelope) => ({ type: 'timeout-now', ...envelope }),
  append: readAppend,
  'append-reply': readAppendReply,
  heartbeat: (reader, envelope) => {
    return { type: 'heartbeat', ...envelope, commit: reader.u53(), round: reader.u53(), tick: reader.u53() };
  },
  'heartbeat-reply': (reader, envelope) => {
    return { type: 'heartbeat-reply', ...envelope, round: reader.u53(), tick: reader.u53() };
  },
  snapshot: readChunk,
  'snapshot-reply': readSnapshotReply,
};

const TYPES = Object.entries(MESSAGE_KINDS) as [MessageType, { frame: number; kind: number }][];

/** Reads one frame. What the message carries is copied out of it. */
export function decodeMessage(frame: Uint8Array): ReceivedMessage {
  const frameType = readFrameType(frame);
  const reader = new ByteReader(frame, FRAME_HEADER_BYTES);
  const version = reader.u8();
  if (version !== MESSAGE_VERSION) throw new DecodeError(`message version ${version}, ${MESSAGE_VERSION} is allowed`);
  const kind = reader.u8();
  const type = TYPES.find(([, row]) => row.frame === frameType && row.kind === kind)?.[0];
  if (type === undefined) throw new DecodeError(`unknown message: frame type ${frameType}, kind ${kind}`);
  const idBytes = reader.u8();
  const clusterId = latin1Text(frame, reader.skip(idBytes), idBytes);
  if (!isSubjectToken(clusterId)) throw new DecodeError('cluster id is not a token');
  const message = BODIES[type](reader, readEnvelope(reader));
  // Only who has never heard of a term may refuse a question with term 0.
  if (message.term === 0 && message.type !== 'vote-reply') throw new DecodeError('term 0');
  if (reader.remaining > 0) throw new DecodeError(`${reader.remaining} bytes after a message`);
  return { clusterId, message };
}

function readEnvelope(reader: ByteReader): Envelope {
  const from = reader.u32();
  const to = reader.u32();
  const term = reader.u53();
  if (from === NOBODY || to === NOBODY) throw new DecodeError('member id 0');
  return { from, to, term };
}

function readFlags(reader: ByteReader, allowed: number): number {
  const flags = reader.u8();
  if ((flags & ~allowed) !== 0) throw new DecodeError(`unknown flags ${flags}`);
  return flags;
}

function readVoteRequest(reader: ByteReader, envelope: Envelope): VoteRequest {
  const flags = readFlags(reader, VOTE_FLAGS.PRE | VOTE_FLAGS.TRANSFER);
  const pre = (flags & VOTE_FLAGS.PRE) !== 0;
  const transfer = (flags & VOTE_FLAGS.TRANSFER) !== 0;
  return { type: 'vote-request', ...envelope, pre, transfer, lastIndex: reader.u53(), lastTerm: reader.u53() };
}

function readVoteReply(reader: ByteReader, envelope: Envelope): VoteReply {
  const flags = readFlags(reader, VOTE_FLAGS.PRE | VOTE_FLAGS.GRANTED);
  const pre = (flags & VOTE_FLAGS.PRE) !== 0;
  return { type: 'vote-reply', ...envelope, pre, granted: (flags & VOTE_FLAGS.GRANTED) !== 0 };
}

function readAppendReply(reader: ByteReader, envelope: Envelope): Message {
  const rejected = readFlags(reader, REJECTED) !== 0;
  const [index, hintIndex, hintTerm] = [reader.u53(), reader.u53(), reader.u53()];
  return { type: 'append-reply', ...envelope, rejected, index, hintIndex, hintTerm };
}

function readAppend(reader: ByteReader, envelope: Envelope): Append {
  const [prevIndex, prevTerm, commit] = [reader.u53(), reader.u53(), reader.u53()];
  const count = reader.u16();
  if (count > RAFT_BOUNDS.maxAppendEntries) {
    throw new DecodeError(`${count} entries, at most ${RAFT_BOUNDS.maxAppendEntries} are allowed`);
  }
  if (prevIndex + count > Number.MAX_SAFE_INTEGER) throw new DecodeError('index exceeds 53 bits');
  if (prevTerm > envelope.term) throw new DecodeError(`entry of term ${prevTerm} in an append of ${envelope.term}`);
  const entries: Entry[] = [];
  let lowestTerm = prevTerm;
  for (let i = 1; i <= count; i++) {
    const entry = readEntry(reader, prevIndex + i);
    if (entry.term < lowestTerm || entry.term > envelope.term) {
      throw new DecodeError(`entry of term ${entry.term} after ${lowestTerm} in an append of ${envelope.term}`);
    }
    lowestTerm = entry.term;
    entries.push(entry);
  }
  return { type: 'append', ...envelope, prevIndex, prevTerm, commit, entries };
}

function readEntry(reader: ByteReader, index: number): Entry {
  const term = reader.u53();
  const type = reader.u8();
  const version = reader.u8();
  const data = readBytes(reader, RAFT_BOUNDS.maxEntryBytes);
  if (type > ENTRY_TYPES.CONFIGURATION) throw new DecodeError(`unknown entry type ${type}`);
  if (term === 0) throw new DecodeError('entry of term 0');
  if (type === ENTRY_TYPES.CONFIGURATION) {
    if (version !== CONFIGURATION_VERSION) throw new DecodeError(`configuration version ${version}`);
    decodeConfiguration(data);
  }
  return { index, term, type: type as EntryType, version, data };
}

function readBytes(reader: ByteReader, maxBytes: number): Uint8Array {
  const length = reader.u32();
  if (length > maxBytes) throw new DecodeError(`${length} bytes, at most ${maxBytes} are allowed`);
  const at = reader.skip(length);
  return reader.buffer.slice(at, at + length);
}

function readChunk(reader: ByteReader, envelope: Envelope): SnapshotChunk {
  const [index, term] = [reader.u53(), reader.u53()];
  const [totalBytes, checksum] = [reader.u32(), reader.u32()];
  const configuration = readConfiguration(reader);
  const offset = reader.u32();
  const data = readBytes(reader, RAFT_BOUNDS.snapshotChunkBytes);
  if (index === 0 || term === 0 || term > envelope.term) {
    throw new DecodeError(`snapshot of index ${index}, term ${term} in a message of term ${envelope.term}`);
  }
  if (totalBytes > RAFT_BOUNDS.maxSnapshotBytes) {
    throw new DecodeError(`snapshot of ${totalBytes} bytes, at most ${RAFT_BOUNDS.maxSnapshotBytes} are allowed`);
  }
  if (offset + data.length > totalBytes) throw new DecodeError('chunk beyond the end of its snapshot');
  if (data.length === 0 && totalBytes > 0) throw new DecodeError('empty chunk');
  if (configuration.voters.length === 0) throw new DecodeError('snapshot without voters');
  const head = { index, term, configuration, totalBytes, checksum };
  return { type: 'snapshot', ...envelope, head, offset, data };
}

function readSnapshotReply(reader: ByteReader, envelope: Envelope): SnapshotReply {
  const index = reader.u53();
  const [checksum, nextOffset] = [reader.u32(), reader.u32()];
  return { type: 'snapshot-reply', ...envelope, index, checksum, nextOffset };
}
