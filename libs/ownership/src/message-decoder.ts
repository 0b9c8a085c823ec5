/** Messages from bytes that anybody may have sent: what is not well-formed in every field gives a DecodeError. */
import { ByteReader, DecodeError, latin1Text } from '#libs/kernel';
import { FRAME_HEADER_BYTES, FRAME_TYPES, isSubjectToken, readFrameType } from '#libs/wire';
import { OWNERSHIP_BOUNDS } from './bounds.js';
import {
  OWNERSHIP_VERSION,
  type OwnershipMessage,
  type RenewAnswer,
  type SealAnswer,
  type SealRequest,
} from './messages.js';
import { NOWHERE, type Position } from './shard-log.js';

/** Reads one frame whose records are of partitions below `partitionCount`, each of them once. */
export function decodeOwnership(frame: Uint8Array, partitionCount: number): OwnershipMessage {
  const type = readFrameType(frame);
  const reader = new ByteReader(frame, FRAME_HEADER_BYTES);
  const message = readMessage(type, new PartitionReader(reader, partitionCount));
  if (reader.remaining > 0) throw new DecodeError(`${reader.remaining} bytes after a message`);
  return message;
}

function readMessage(type: number, reader: PartitionReader): OwnershipMessage {
  switch (type) {
    case FRAME_TYPES.SEAL:
      return { type: 'seal', from: reader.sender(), records: reader.records(readRequest) };
    case FRAME_TYPES.SEALED:
      return { type: 'sealed', from: reader.sender(), records: reader.records(readSealAnswer) };
    case FRAME_TYPES.RENEW:
      return { type: 'renew', from: reader.sender(), round: reader.round(), records: reader.records(readRequest) };
    case FRAME_TYPES.GRANTED:
      return { type: 'granted', from: reader.sender(), round: reader.round(), records: reader.records(readAnswer) };
    default:
      throw new DecodeError(`frame of type ${type} is no message about ownership`);
  }
}

type RecordReader<T> = (reader: ByteReader, partition: number) => T;

class PartitionReader {
  constructor(
    private readonly reader: ByteReader,
    private readonly partitionCount: number,
  ) {}

  sender(): string {
    const { reader } = this;
    const version = reader.u8();
    if (version !== OWNERSHIP_VERSION) {
      throw new DecodeError(`message version ${version}, ${OWNERSHIP_VERSION} is allowed`);
    }
    const length = reader.u8();
    const from = latin1Text(reader.buffer, reader.skip(length), length);
    if (!isSubjectToken(from)) throw new DecodeError('sender is not a token');
    return from;
  }

  round(): number {
    return this.reader.u32();
  }

  records<T>(read: RecordReader<T>): T[] {
    const count = this.reader.u16();
    if (count === 0 || count > OWNERSHIP_BOUNDS.maxFrameRecords) {
      throw new DecodeError(`${count} records, 1 to ${OWNERSHIP_BOUNDS.maxFrameRecords} are allowed`);
    }
    const records: T[] = [];
    const seen = new Set<number>();
    for (let i = 0; i < count; i++) {
      const partition = this.reader.u16();
      if (partition >= this.partitionCount) {
        throw new DecodeError(`partition ${partition}, there are ${this.partitionCount}`);
      }
      if (seen.has(partition)) throw new DecodeError(`partition ${partition} occurs twice`);
      seen.add(partition);
      records.push(read(this.reader, partition));
    }
    return records;
  }
}

function readRequest(reader: ByteReader, partition: number): SealRequest {
  const epoch = reader.u32();
  if (epoch === 0) throw new DecodeError('epoch 0');
  return { partition, epoch };
}

function readAnswer(reader: ByteReader, partition: number): RenewAnswer {
  const { epoch } = readRequest(reader, partition);
  const sealedEpoch = reader.u32();
  if (sealedEpoch < epoch) throw new DecodeError(`sealed epoch ${sealedEpoch} below ${epoch}, which was asked for`);
  return { partition, epoch, sealedEpoch };
}

function readSealAnswer(reader: ByteReader, partition: number): SealAnswer {
  const answer = readAnswer(reader, partition);
  const last: Position = { epoch: reader.u32(), sequence: reader.u53() };
  if (last.epoch > answer.epoch) throw new DecodeError(`record of epoch ${last.epoch} above epoch ${answer.epoch}`);
  if ((last.epoch === 0) !== (last.sequence === 0)) {
    throw new DecodeError(`no position: epoch ${last.epoch}, sequence ${last.sequence}`);
  }
  if (answer.sealedEpoch > answer.epoch && last.epoch > 0) throw new DecodeError('refusal with a position');
  return { ...answer, last: last.epoch === 0 ? NOWHERE : last };
}
