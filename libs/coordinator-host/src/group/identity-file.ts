/**
 * Who a coordinator is in its Raft group: magic `HCCI`, format version (u32), Raft id (u32), name of the cluster and
 * id of the group (each length u8, ASCII), CRC-32 of all before it (u32). It is written before the id is announced, and
 * once more, with the group, after the first files of the log. So a group without a log is damage, never a beginning.
 */
import { ByteReader, ByteWriter, crc32, DecodeError, latin1Bytes, latin1Text } from '#libs/kernel';
import type { Disk } from '#libs/ports';
import { isSubjectToken } from '#libs/wire';

export const IDENTITY_PATH = 'coordinator/identity.bin';
export const RAFT_FOLDER = 'coordinator/raft';

const MAGIC = 0x49434348;
const FILE_VERSION = 1;

export interface CoordinatorIdentityRecord {
  /** Drawn at random once for each disk; not 0. */
  readonly raftId: number;
  readonly cluster: string;
  /** The id of the cluster and of its Raft group; empty until this coordinator has founded or joined one. */
  readonly groupId: string;
}

/** What a coordinator's files say forbids it to run. The message names the file and what to do. */
export class CoordinatorFilesError extends Error {
  override readonly name = 'CoordinatorFilesError';
}

export function encodeIdentity({ raftId, cluster, groupId }: CoordinatorIdentityRecord): Uint8Array {
  const writer = new ByteWriter();
  writer.u32(MAGIC);
  writer.u32(FILE_VERSION);
  writer.u32(raftId);
  for (const text of [cluster, groupId]) {
    writer.u8(text.length);
    writer.bytes(latin1Bytes(text));
  }
  writer.u32(crc32(writer.toBytes()));
  return writer.toBytes();
}

/** Throws DecodeError. */
export function decodeIdentity(bytes: Uint8Array): CoordinatorIdentityRecord {
  const reader = new ByteReader(bytes);
  if (reader.u32() !== MAGIC) throw new DecodeError('not an identity file');
  const version = reader.u32();
  if (version !== FILE_VERSION) throw new DecodeError(`file version ${version}, this release reads ${FILE_VERSION}`);
  const raftId = reader.u32();
  const cluster = readText(reader);
  const groupId = readText(reader);
  const checked = bytes.subarray(0, reader.offset);
  if (reader.u32() !== crc32(checked)) throw new DecodeError('checksum differs');
  if (reader.remaining > 0) throw new DecodeError(`${reader.remaining} bytes too many`);
  if (raftId === 0) throw new DecodeError('Raft id 0');
  if (!isSubjectToken(cluster)) throw new DecodeError('name of the cluster is not a token');
  if (groupId !== '' && !isSubjectToken(groupId)) throw new DecodeError('id of the group is not a token');
  return { raftId, cluster, groupId };
}

/** Undefined where there is none yet. */
export function loadIdentity(
  disk: Disk,
  done: (error: Error | undefined, identity?: CoordinatorIdentityRecord) => void,
): void {
  disk.readFile(IDENTITY_PATH, (error, bytes) => {
    if (error?.code === 'not-found') return done(undefined);
    if (error !== undefined) return done(error);
    let identity: CoordinatorIdentityRecord;
    try {
      identity = decodeIdentity(bytes);
    } catch (cause) {
      if (!(cause instanceof DecodeError)) throw cause;
      const advice = 'Empty the folder "coordinator", forget this coordinator (CLUSTER FORGET) and start it again';
      return done(new CoordinatorFilesError(`${IDENTITY_PATH} is damaged: ${cause.message}. ${advice}`, { cause }));
    }
    done(undefined, identity);
  });
}

export function saveIdentity(
  disk: Disk,
  identity: CoordinatorIdentityRecord,
  done: (error: Error | undefined) => void,
): void {
  disk.writeFileAtomic(IDENTITY_PATH, encodeIdentity(identity), (error) => done(error));
}

function readText(reader: ByteReader): string {
  const length = reader.u8();
  return latin1Text(reader.buffer, reader.skip(length), length);
}
