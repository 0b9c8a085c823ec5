/**
 * What coordinators replicate: a kind (u8), then either a batch of cluster events (libs/cluster), or who gets a
 * place among the coordinators: Raft id (u32), node id (length u8, ASCII).
 */
import { decodeEventBatch, EVENT_BATCH_VERSION, writeEventBatch, type EventBatch } from '#libs/cluster';
import { ByteReader, ByteWriter, DecodeError, latin1Bytes, latin1Text } from '#libs/kernel';
import { isSubjectToken } from '#libs/wire';

/** Of every command: the log keeps it beside each. */
export const COMMAND_VERSION = EVENT_BATCH_VERSION;

const KINDS = { EVENTS: 1, ENROL: 2 } as const;

export type ReplicatedCommand =
  | { readonly type: 'events'; readonly batch: EventBatch }
  /** This node is a coordinator under this Raft id from now on, until it is forgotten. */
  | { readonly type: 'enrol'; readonly nodeId: string; readonly raftId: number };

export function encodeCommand(command: ReplicatedCommand): Uint8Array {
  const writer = new ByteWriter();
  if (command.type === 'events') {
    writer.u8(KINDS.EVENTS);
    writeEventBatch(writer, command.batch);
  } else {
    writer.u8(KINDS.ENROL);
    writeCoordinator(writer, command.nodeId, command.raftId);
  }
  return writer.toBytes();
}

/** Throws DecodeError. */
export function decodeCommand(bytes: Uint8Array, version: number): ReplicatedCommand {
  if (version !== COMMAND_VERSION) {
    throw new DecodeError(`command of version ${version}; this release reads ${COMMAND_VERSION}`);
  }
  const reader = new ByteReader(bytes);
  const kind = reader.u8();
  if (kind === KINDS.EVENTS) return { type: 'events', batch: decodeEventBatch(bytes.subarray(1)) };
  if (kind !== KINDS.ENROL) throw new DecodeError(`command of kind ${kind}: unknown to this release`);
  const { nodeId, raftId } = readCoordinator(reader);
  if (reader.remaining > 0) throw new DecodeError(`${reader.remaining} bytes after a command`);
  return { type: 'enrol', nodeId, raftId };
}

export function writeCoordinator(writer: ByteWriter, nodeId: string, raftId: number): void {
  writer.u32(raftId);
  writer.u8(nodeId.length);
  writer.bytes(latin1Bytes(nodeId));
}

export function readCoordinator(reader: ByteReader): { nodeId: string; raftId: number } {
  const raftId = reader.u32();
  if (raftId === 0) throw new DecodeError('Raft id 0');
  const length = reader.u8();
  const nodeId = latin1Text(reader.buffer, reader.skip(length), length);
  if (!isSubjectToken(nodeId)) throw new DecodeError('node id of a coordinator is not a token');
  return { nodeId, raftId };
}
